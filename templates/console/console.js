// What is new stands at the top as it happens. Without this script the page is the same, once loaded again.
"use strict";
(() => {
  const list = document.getElementById("live");
  if (!list || !window.EventSource) return;
  const fresh = document.getElementById("fresh");
  const said = document.getElementById("said");
  const state = document.getElementById("state");
  const title = document.title;
  const seen = new Set();
  let unread = 0;

  const show = (works) => {
    state.hidden = false;
    state.textContent = works ? "Live" : "Not connected; trying again";
    state.classList.toggle("lost", !works);
  };
  const count = () => { document.title = unread ? `(${unread}) ${title}` : title; };

  const source = new EventSource(list.dataset.live);
  source.onopen = () => show(true);
  source.onerror = () => show(false);
  source.addEventListener("development", (event) => {
    if (seen.has(event.lastEventId)) return;
    seen.add(event.lastEventId);
    // The server wrote this markup, with everything of a feed escaped in it.
    const holder = document.createElement("template");
    holder.innerHTML = event.data;
    const item = holder.content.firstElementChild;
    item.classList.add("arrived");
    list.prepend(item);
    fresh.hidden = false;
    said.textContent = `New: ${item.querySelector(".summary").textContent.trim()}`;
    if (document.hidden) { unread += 1; count(); }
  });
  source.addEventListener("stale", () => { source.close(); location.reload(); });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) { unread = 0; count(); }
  });
})();

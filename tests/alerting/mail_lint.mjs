// Checks emails against what mail programs support (caniemail) and against HTML itself (htmlhint).
//
//     npm install --no-save caniemail htmlhint && node tests/alerting/mail_lint.mjs EMAIL.html ...
//
// Prints JSON: unsupported = {feature: [programs]}, html = [findings], unknown = {feature: [programs without data]}.
import fs from "node:fs";
import { createRequire } from "node:module";
import { caniemail } from "caniemail";

const require = createRequire(import.meta.url);
const { HTMLHint } = require("htmlhint");
const PROGRAMS = [
  "apple-mail.macos", "apple-mail.ios", "gmail.desktop-webmail", "gmail.ios", "gmail.android",
  "outlook.windows", "outlook.macos", "outlook.ios", "outlook.android",
  "yahoo.desktop-webmail", "yahoo.ios", "yahoo.android", "protonmail.desktop-webmail", "protonmail.ios",
  "fastmail.desktop-webmail", "thunderbird.macos", "samsung-email.android", "mail-ru.desktop-webmail",
];
const found = { unsupported: {}, unknown: {}, html: [] };
const note = (into, feature, program) => {
  into[feature] = [...new Set([...(into[feature] ?? []), program])].sort();
};
for (const path of process.argv.slice(2)) {
  const html = fs.readFileSync(path, "utf8");
  found.html.push(...HTMLHint.verify(html).map((hint) => `${hint.rule.id}: ${hint.message} (line ${hint.line})`));
  for (const program of PROGRAMS) {
    try {
      const { issues } = caniemail({ clients: [program], html });
      for (const list of issues.errors.values()) for (const issue of list) note(found.unsupported, issue.title, program);
    } catch (error) {
      note(found.unknown, error.message, program);
    }
  }
}
console.log(JSON.stringify(found, null, 2));

-- Which of a channel's addresses have a message that others put off: a later try, by whichever process, spares them.
ALTER TABLE delivery ADD COLUMN taken TEXT NOT NULL DEFAULT '';

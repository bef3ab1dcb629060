-- Full text of stories and developments, kept by the database itself; and indexes that the outbox's page is read by.
-- A line that names a database is for that one only. What is asked for: search.py.
CREATE INDEX delivery_state_newest ON delivery (state, created);
CREATE INDEX delivery_channel_newest ON delivery (channel, created);
CREATE INDEX alert_created ON alert (created);

-- SQLite: the words of a story under a number in the order in which stories came; no text is kept twice.
{sqlite} CREATE TABLE search_story (number INTEGER NOT NULL PRIMARY KEY, story_id TEXT NOT NULL);
{sqlite} CREATE UNIQUE INDEX search_story_id ON search_story (story_id);
{sqlite} CREATE VIRTUAL TABLE search_story_words USING fts5(title, body, content='', tokenize='unicode61 remove_diacritics 2');
{sqlite} CREATE TRIGGER search_story_new AFTER INSERT ON story BEGIN INSERT INTO search_story (story_id) VALUES (new.story_id); INSERT INTO search_story_words (rowid, title, body) SELECT number, replace(replace(new.title, 'ё', 'е'), 'Ё', 'Е'), replace(replace(new.body, 'ё', 'е'), 'Ё', 'Е') FROM search_story WHERE story_id = new.story_id; END;
{sqlite} CREATE TRIGGER search_story_edited AFTER UPDATE OF title, body ON story WHEN new.title <> old.title OR new.body <> old.body BEGIN INSERT INTO search_story_words (search_story_words, rowid, title, body) SELECT 'delete', number, replace(replace(old.title, 'ё', 'е'), 'Ё', 'Е'), replace(replace(old.body, 'ё', 'е'), 'Ё', 'Е') FROM search_story WHERE story_id = old.story_id; INSERT INTO search_story_words (rowid, title, body) SELECT number, replace(replace(new.title, 'ё', 'е'), 'Ё', 'Е'), replace(replace(new.body, 'ё', 'е'), 'Ё', 'Е') FROM search_story WHERE story_id = new.story_id; END;
{sqlite} CREATE TRIGGER search_story_gone AFTER DELETE ON story BEGIN INSERT INTO search_story_words (search_story_words, rowid, title, body) SELECT 'delete', number, replace(replace(old.title, 'ё', 'е'), 'Ё', 'Е'), replace(replace(old.body, 'ё', 'е'), 'Ё', 'Е') FROM search_story WHERE story_id = old.story_id; DELETE FROM search_story WHERE story_id = old.story_id; END;
{sqlite} CREATE VIRTUAL TABLE search_development_words USING fts5(summary, content='', tokenize='unicode61 remove_diacritics 2');
{sqlite} CREATE TRIGGER search_development_new AFTER INSERT ON development BEGIN INSERT INTO search_development_words (rowid, summary) VALUES (new.seq, replace(replace(new.summary, 'ё', 'е'), 'Ё', 'Е')); END;
{sqlite} CREATE TRIGGER search_development_gone AFTER DELETE ON development BEGIN INSERT INTO search_development_words (search_development_words, rowid, summary) VALUES ('delete', old.seq, replace(replace(old.summary, 'ё', 'е'), 'Ё', 'Е')); END;
{sqlite} INSERT INTO search_story (story_id) SELECT story_id FROM story ORDER BY first_seen, story_id;
{sqlite} INSERT INTO search_story_words (rowid, title, body) SELECT number, replace(replace(title, 'ё', 'е'), 'Ё', 'Е'), replace(replace(body, 'ё', 'е'), 'Ё', 'Е') FROM search_story JOIN story ON story.story_id = search_story.story_id ORDER BY number;
{sqlite} INSERT INTO search_development_words (rowid, summary) SELECT seq, replace(replace(summary, 'ё', 'е'), 'Ё', 'Е') FROM development ORDER BY seq;

-- PostgreSQL: indexes over what is there. It takes no accents off by itself, in the C locale knows
-- no case but that of ASCII, and refuses a text of a megabyte of words.
{postgresql} CREATE INDEX search_story_words ON story USING gin (to_tsvector('simple', translate(lower(left(title || ' ' || body, 200000)), 'ёЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯҐҒҖҚҢҮҰҲҺӘӨàáâãäåçèéêëìíîïñòóôõöùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸ', 'еѐеђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяґғҗқңүұҳһәөaaaaaaceeeeiiiinooooouuuuyyaaaaaaceeeeiiiinooooouuuuyy')));
{postgresql} CREATE INDEX search_development_words ON development USING gin (to_tsvector('simple', translate(lower(summary), 'ёЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯҐҒҖҚҢҮҰҲҺӘӨàáâãäåçèéêëìíîïñòóôõöùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸ', 'еѐеђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяґғҗқңүұҳһәөaaaaaaceeeeiiiinooooouuuuyyaaaaaaceeeeiiiinooooouuuuyy')));

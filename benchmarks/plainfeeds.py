"""Feeds as the common publishing systems write them, with nothing odd: seeds for tests, fuzzing and measuring."""

from __future__ import annotations

_SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/CommentAPI/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" '
    'xmlns:media="http://search.yahoo.com/mrss/"'
)
BLOG = f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
\t{_SPACES}
\t>

<channel>
\t<title>A blog &#8211; with &amp; without</title>
\t<atom:link href="https://x.example/feed/" rel="self" type="application/rss+xml" />
\t<link>https://x.example/</link>
\t<description>About it</description>
\t<lastBuildDate>Tue, 04 Mar 2025 10:00:00 +0000</lastBuildDate>
\t<language>en-US</language>
\t<sy:updatePeriod>
\thourly\t</sy:updatePeriod>
\t<sy:updateFrequency>
\t1\t</sy:updateFrequency>
\t<generator>https://blogs.example/?v=6.5</generator>
<image>
\t<url>https://x.example/i.png</url>
\t<title>Another title</title>
\t<link>https://x.example/</link>
\t<width>32</width>
\t<height>32</height>
</image>
\t<item>
\t\t<title>A story &#8220;quoted&#8221; &#038; more</title>
\t\t<link>https://x.example/2025/03/04/a-story/</link>
\t\t<comments>https://x.example/2025/03/04/a-story/#respond</comments>
\t\t<dc:creator><![CDATA[One & Other]]></dc:creator>
\t\t<pubDate>Tue, 04 Mar 2025 09:58:00 +0000</pubDate>
\t\t<category><![CDATA[News]]></category>
\t\t<guid isPermaLink="false">https://x.example/?p=1</guid>
\t\t<description><![CDATA[<p>Short &#8230; <a href="/x">more</a></p>
]]></description>
\t\t<content:encoded><![CDATA[<p>Long text <em>with</em> markup</p>
<p>and &amp; more</p>
]]></content:encoded>
\t\t<wfw:commentRss>https://x.example/2025/03/04/a-story/feed/</wfw:commentRss>
\t\t<slash:comments>0</slash:comments>
\t\t<media:content url="https://x.example/t.jpg" medium="image"><media:credit>X</media:credit></media:content>
\t</item>
</channel></rss>"""
SEARCH = """<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><generator>N/5.0</generator>
<title>"x" - News</title><link>https://news.example/search?q=x&amp;hl=en</link><language>en-US</language>
<webMaster>master@news.example</webMaster><copyright>c</copyright><lastBuildDate>Tue, 04 Mar 2025 10:00:00 GMT</lastBuildDate>
<description>News</description><item><title>A title - The Paper</title><link>https://news.example/rss/articles/C?oc=5</link>
<guid isPermaLink="false">C</guid><pubDate>Tue, 04 Mar 2025 09:00:00 GMT</pubDate>
<description>&lt;a href="https://news.example/x" target="_blank"&gt;A title&lt;/a&gt;&amp;nbsp;&lt;font&gt;Paper&lt;/font&gt;</description>
<source url="https://www.paper.example">The Paper</source></item></channel></rss>"""
BROADCASTER = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet title="x" type="text/xsl" href="/x.xsl"?>
<rss xmlns:atom="http://www.w3.org/2005/Atom" version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>
<title><![CDATA[World]]></title><description><![CDATA[World news]]></description><link>https://x.example/world</link>
<image><url>https://x/i.gif</url><title>World</title><link>https://x.example/world</link></image>
<atom:link href="https://x.example/rss.xml" rel="self" type="application/rss+xml"/><language><![CDATA[en-gb]]></language><ttl>15</ttl>
<item><title><![CDATA[A title 'x']]></title><description><![CDATA[Text.]]></description>
<link>https://x.example/articles/c1?at_medium=RSS&amp;at_campaign=rss</link><guid isPermaLink="false">https://x.example/c1#0</guid>
<pubDate>Tue, 04 Mar 2025 09:00:00 GMT</pubDate><media:thumbnail width="240" height="135" url="https://x/t.jpg"/></item>
<item><title>B</title><guid>https://x.example/b</guid><pubDate>Tue, 04 Mar 2025 08:00:00 GMT</pubDate></item></channel></rss>"""
AGENCY = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:yandex="http://news.yandex.ru"
xmlns:rambler="http://news.rambler.ru"><channel><title>Агентство</title><link>https://x.example/</link>
<description>Лента</description><language>ru</language><item><title>Штурм &quot;резиденции&quot;</title>
<link>https://x.example/20190808/1.html</link><pdalink>https://m.x.example/1</pdalink><guid>https://x.example/20190808/1.html</guid>
<rambler:fulltext>Текст</rambler:fulltext><pubDate>Thu, 08 Aug 2019 10:00:00 +0300</pubDate><description>Текст — и «ещё»</description>
<yandex:full-text>Полный текст &lt;p&gt;</yandex:full-text><yandex:genre>message</yandex:genre>
<enclosure url="https://x/i.jpg" type="image/jpeg" length="1"/><category>Мир</category><author>Агентство</author></item></channel></rss>"""
ATOM = """<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
<id>tag:x</id><link type="text/html" rel="alternate" href="https://x.example/"/>
<link type="application/atom+xml" rel="self" href="https://x.example/f.atom"/><title>Notes</title>
<updated>2025-03-04T10:00:00Z</updated><author><name>Org</name><uri>https://x.example</uri></author>
<generator uri="https://g.example/" version="4.2">G</generator><entry><id>tag:x,1</id><updated>2025-03-04T10:00:00+01:00</updated>
<published>2025-03-03T10:00:00.123Z</published><link rel="alternate" type="text/html" href="https://x.example/1"/>
<title type="html">v1 &amp;amp; &lt;b&gt;x&lt;/b&gt;</title><content type="html">&lt;p&gt;a&lt;/p&gt;</content>
<author><name>me</name></author><media:thumbnail height="30" width="30" url="https://x/a"/>
<category term="a"/></entry><entry><id>tag:x,2</id><title>t &lt;b&gt;</title><updated>2025-03-04T10:00:00Z</updated>
<summary>s</summary><link href="https://x.example/2"/></entry></feed>"""
PLAIN = {"blog": BLOG, "search": SEARCH, "broadcaster": BROADCASTER, "agency": AGENCY, "atom": ATOM}
"""By a word for who writes such a feed."""

"""``newswatch feeds``: the list of feeds as its owner keeps it, in YAML and in OPML.

address | ask | feed, or the page's feeds | text of the configuration | checked | written whole
          async          pure                        pure                 pure

Only what changes in the configuration is written anew: every other byte stays as it is (`yamltext`).
"""

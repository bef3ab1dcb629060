"""Reading: text to language, sentences and claims. Its lexicons are data files, one a language. Pure."""

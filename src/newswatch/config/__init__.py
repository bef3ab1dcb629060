"""newswatch.yaml and event files, read into frozen settings; every mistake at once, with file and line."""

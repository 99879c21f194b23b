"""The site: what the registry and its evidence say, as a tree of Markdown that MkDocs builds."""

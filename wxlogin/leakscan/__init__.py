"""Search for leaked secrets: in source trees, git histories, bundles, archives and logs.

`scan.py` runs a search; `content.py` says what is searched in one text. No Flask in here.
"""

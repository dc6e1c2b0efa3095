"""The page: what the command line can do, for people without a terminal. It calls `run` and the desk only.

`app` joins the routes, `guard` says who may ask, `workshop` does the work on threads, `views` shows it, `pages` are
the templates and `files` what the browser loads beside them.
"""

from importer.web.server import Page, PageOptions

__all__ = ["Page", "PageOptions"]

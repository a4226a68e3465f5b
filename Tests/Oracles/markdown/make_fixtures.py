"""Writes markdown.json: pieces of Markdown as the report templates write it, with the HTML that cmark-gfm makes of them.

    pip install cmarkgfm && python make_fixtures.py

GitHub's alerts are an extension cmark-gfm does not have: their marker lines are left out here and tested by hand.
"""
import json
import pathlib
from importlib import metadata

import cmarkgfm
from cmarkgfm.cmark import Options

reports = pathlib.Path(__file__).resolve().parents[3] / "reports"
texts = [
    "\n".join(line for line in path.read_text().split("\n") if not line.startswith("> [!"))
    for path in [reports / "price-desk/report.md", reports / "price-desk/prompt.md", reports / "decisions/support-json.md"]
]
texts += [
    "a \\* b \\_c\\_ \\`d\\` &lt;b&gt; 2 * 3 * 4 *em* **strong** ***\n",
    "| a | b |\n|:--|--:|\n| `x \\| y` | \\|z |\n| one |\n\nafter\n",
    "``a ` b`` and `` ` `` and ` ` and `open\n",
    "[text](file.md) [not](javascript:x y) \\[no\\](x) [open\n",
    "````text\n```\ninside <b>\n````\n\n- one\n- two **three**\n",
    "> quoted *text*\n>\n> more\n\n---\n\n#not a heading\n\n###### six\n",
    "x < y && z > w \"q\" &amp; &unknownthing &copy;\n",
]
rows = [
    {
        "markdown": text,
        "html": cmarkgfm.markdown_to_html_with_extensions(
            text, options=Options.CMARK_OPT_UNSAFE, extensions=["table"]),
    }
    for text in texts
]
with open("markdown.json", "w") as file:
    json.dump({"cmarkgfm": metadata.version("cmarkgfm"), "rows": rows}, file)

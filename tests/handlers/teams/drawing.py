"""Draws cards with the official renderer in a real browser, with something like the look of Teams."""

import json
import subprocess
import tarfile
import warnings
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "adaptivecards@3.0.6"
PHONE = 400
PATIENCE = 120  # seconds for the package
FONT = "'Segoe UI', 'DejaVu Sans', 'Liberation Sans', sans-serif"
GREY = {"default": "#242424", "subtle": "#616161"}
COLOURS = {
    "default": GREY, "accent": {"default": "#5B5FC7", "subtle": "#5B5FC7"},
    "good": {"default": "#107C10", "subtle": "#107C10"}, "warning": {"default": "#8F4E00", "subtle": "#8F4E00"},
    "attention": {"default": "#C4314B", "subtle": "#C4314B"},
}  # fmt: skip
HOST: dict[str, Any] = {
    "fontFamily": FONT,
    "fontSizes": {"small": 12, "default": 14, "medium": 16, "large": 18, "extraLarge": 24},
    "spacing": {"small": 4, "default": 8, "medium": 12, "large": 16, "extraLarge": 20, "padding": 16},
    "actions": {"maxActions": 6, "actionsOrientation": "horizontal", "actionAlignment": "left", "buttonSpacing": 8,
                "showCard": {"actionMode": "inline", "inlineTopMargin": 8}},
    "containerStyles": {
        "default": {"backgroundColor": "#FFFFFF", "foregroundColors": COLOURS},
        "emphasis": {"backgroundColor": "#F5F5F5", "foregroundColors": COLOURS},
        "attention": {"backgroundColor": "#FCF4F6", "foregroundColors": COLOURS},
    },
    "inputs": {"label": {"inputSpacing": "small", "requiredInputs": {"weight": "bolder"},
                         "optionalInputs": {"weight": "bolder"}}},
}  # fmt: skip
STYLE = f"""
body {{ margin: 0; padding: 12px; background: #F0F0F0; font: 14px {FONT}; }}
#card {{ background: #fff; border: 1px solid #E0E0E0; border-radius: 6px; }}
.at {{ color: #5B5FC7; font-weight: 600; }}
.ac-pushButton {{ border: 1px solid #D1D1D1; background: #fff; border-radius: 4px; padding: 5px 12px;
  font: 600 14px {FONT}; }}
.ac-pushButton.style-positive {{ background: #5B5FC7; border-color: #5B5FC7; color: #fff; }}
.ac-pushButton.style-destructive {{ color: #C4314B; border-color: #C4314B; }}
.ac-input {{ font: 14px {FONT}; }}
input.ac-input:not([type=radio]):not([type=checkbox]), textarea.ac-input, select.ac-input {{
  border: 1px solid #D1D1D1; border-radius: 4px; padding: 6px; }}
"""
# Bold and mentions are all the Markdown that a card of ours may hold.
SCRIPT = """([json, host]) => {
  const {AdaptiveCard, HostConfig, SerializationContext, SubmitAction, ExecuteAction} = AdaptiveCards;
  const safe = text => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  AdaptiveCard.onProcessMarkdown = (text, result) => {
    const tags = text.replace(/<at>(.*?)<\\/at>/g, "\\u0001$1\\u0002");
    const bold = safe(tags).replace(/\\*\\*(.+?)\\*\\*/g, "<strong>$1</strong>");
    const named = bold.replace(/\\u0001(.*?)\\u0002/g, "<span class=at>$1</span>");
    result.outputHtml = "<p style='margin:0'>" + named + "</p>";
    result.didProcess = true;
  };
  const card = new AdaptiveCard(), context = new SerializationContext();
  card.hostConfig = new HostConfig(host);
  card.parse(json, context);
  card.onExecuteAction = action => { window.pressed = action.data; };
  const faults = [];
  for (let i = 0; i < context.eventCount; i++) faults.push(context.getEventAt(i).message);
  for (const found of card.validateProperties().validationEvents) faults.push(found.message);
  document.getElementById("card").replaceChildren(card.render());
  return faults;
}"""


def library(folder: Path) -> Path:
    """The renderer's script, from npm; a loud skip where it cannot be had."""
    return fetched(folder, PACKAGE, "THE CARDS WERE NOT DRAWN") / "dist" / "adaptivecards.min.js"


def fetched(folder: Path, package: str, missing: str) -> Path:
    """A package from npm, unpacked; a loud skip with the words of `missing` where it cannot be had."""
    command = ["npm", "pack", package, "--silent"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        reason = f"{missing}: no {package} ({error}). Install Node with npm to run these tests."
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    with tarfile.open(folder / done.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def fitting(value: Any, narrow: bool) -> Any:
    """A card without what is for other widths; this renderer does not know them."""
    if isinstance(value, list):
        return [fitting(one, narrow) for one in value if not isinstance(one, dict) or _fits(one, narrow)]
    if isinstance(value, dict):
        return {key: fitting(one, narrow) for key, one in value.items() if key != "targetWidth"}
    return value


def _fits(element: dict[str, Any], narrow: bool) -> bool:
    wanted = element.get("targetWidth")
    return wanted is None or wanted == ("atMost:narrow" if narrow else "atLeast:standard")


def show(page: Any, script: Path, card: dict[str, Any]) -> list[str]:
    """Draws a card as wide as the page; what the renderer finds wrong with it."""
    card = fitting(card, narrow=page.viewport_size["width"] <= PHONE)
    page.set_content(f"<style>{STYLE}</style><div id=card></div>")
    page.add_script_tag(path=str(script))
    faults: list[str] = page.evaluate(SCRIPT, [json.loads(json.dumps(card)), HOST])
    return faults

"""The notebook that is open in JupyterLab, as a test drives it: run cells, read what they gave, take pictures."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from ending import FAR_NET
from playwright.sync_api import Page

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
MAX_HEIGHT, PAGE_HEIGHT = 8_000, 7_800
MAX_PICTURES = 9
READY = """name => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return Boolean(panel?.context?.path?.endsWith(name) && panel.sessionContext?.isReady
    && panel.sessionContext.session?.kernel?.status === 'idle');
}"""
RUN_CELL = """async ([id, source]) => {
  const panel = window.jupyterapp.shell.currentWidget;
  const index = panel.content.widgets.findIndex(cell => cell.model.id === id);
  panel.content.activeCellIndex = index;
  if (source) panel.content.widgets[index].model.sharedModel.setSource(source);
  await window.jupyterapp.commands.execute('notebook:run-cell');
  await panel.content.scrollToItem(index, 'center');
  return panel.content.widgets[index].model.toJSON().outputs;
}"""
EXECUTE = "async ([name, given]) => (await window.jupyterapp.commands.execute(name, given)) === true"
CELLS = "() => window.jupyterapp.shell.currentWidget.context.model.toJSON().cells"
LEAVE = """async name => {
  for (const panel of [...window.jupyterapp.shell.widgets('main')]) {
    if (!panel.context?.path?.endsWith(name)) continue;
    await panel.context.save();
    await panel.sessionContext.shutdown();
    panel.dispose();
  }
}"""
SCROLLER = "window.jupyterapp.shell.currentWidget.node.querySelector('.jp-WindowedPanel-outer')"
SCROLL = f"place => {{ {SCROLLER}.scrollTop = place; }}"
IS_AT_THE_END = f"() => {SCROLLER}.scrollTop + {SCROLLER}.clientHeight >= {SCROLLER}.scrollHeight - 2"
RESTART = """async () => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  await kernel.restart();
  await kernel.info;
}"""


def open_notebook(page: Page, path: str) -> None:
    """Open the notebook at `path`, as a click in the file browser does, and wait for its kernel."""
    execute(page, "docmanager:open", path=path)
    wait_for_notebook(page, path)


def wait_for_notebook(page: Page, name: str) -> None:
    """Wait until the notebook whose path ends with `name` is in front and its kernel is idle."""
    page.wait_for_function(READY, arg=name, timeout=FAR_NET * 1000)


def leave_notebook(page: Page, name: str) -> None:
    """Save the notebook whose path ends with `name`, end its kernel and close it."""
    page.evaluate(LEAVE, name)


def follow_link(page: Page, target: str) -> None:
    """Click the link to the lesson `target` at the end of the notebook."""
    last = len(read_cells(page)) - 1
    page.evaluate("place => window.jupyterapp.shell.currentWidget.content.scrollToItem(place)", last)
    page.locator(f".jp-NotebookPanel:not(.lm-mod-hidden) .jp-RenderedMarkdown a[href*='{target}']").last.click()
    wait_for_notebook(page, f"{target}.ipynb")


def execute(page: Page, command: str, **arguments: object) -> bool:
    """Execute one of JupyterLab's commands, as a menu or a key does, and say whether it gave `true`."""
    return page.evaluate(EXECUTE, [command, arguments])


def restart_kernel(page: Page, name: str) -> None:
    """Restart the kernel of the notebook whose path ends with `name`, and wait until it is idle."""
    page.evaluate(RESTART)
    wait_for_notebook(page, name)


def read_cells(page: Page) -> list[dict]:
    """The cells of the notebook with their outputs."""
    return page.evaluate(CELLS)


def run_cell(page: Page, cell: str, source: str = "") -> list[dict]:
    """Run the cell with this id, with `source` written into it, and give its outputs."""
    return page.evaluate(RUN_CELL, [cell, source])


def html_of(outputs: list[dict]) -> str:
    """The HTML of the last output."""
    return "".join(outputs[-1].get("data", {}).get("text/html", ""))


def text_of(outputs: list[dict]) -> str:
    """What the last output says, without markup."""
    return unescape(re.sub(r"<[^>]*>", "", html_of(outputs)))


def score_of(outputs: list[dict]) -> float:
    """The points of a report, as nbgrader reads them."""
    return float("".join(outputs[-1]["data"]["text/plain"]))


def take_pictures(page: Page, stem: Path, theme: str, width: int) -> None:
    """Take pictures of the whole notebook, `stem-1280-light-1.png` and so on, each of at most `MAX_HEIGHT` pixels.

    Chromium draws no taller page; what a cell shows is there once it was in sight.
    """
    execute(page, "apputils:change-theme", theme=THEMES[theme])
    page.wait_for_function("dark => document.body.dataset.jpThemeLight === String(!dark)", arg=theme == "dark")
    page.set_viewport_size({"width": width, "height": MAX_HEIGHT})
    for number in range(1, MAX_PICTURES + 1):
        page.evaluate(SCROLL, (number - 1) * PAGE_HEIGHT)
        page.wait_for_timeout(500)
        page.screenshot(path=stem.with_name(f"{stem.name}-{width}-{theme}-{number}.png"))
        if page.evaluate(IS_AT_THE_END):
            break
    page.set_viewport_size({"width": width, "height": 900})

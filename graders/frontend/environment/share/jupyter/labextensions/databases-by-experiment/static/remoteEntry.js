// JupyterLab's extension of the course, a module-federation container written by hand: nothing has to be compiled.
(() => {
  "use strict";
  const NAME = "databases-by-experiment";
  const MIME = { sql: "text/x-sql", javascript: "text/javascript", java: "text/x-java" };

  const STYLE = `
    body[data-jp-theme-light="true"] {
      --dbx-right: #146c2e; --dbx-partly: #855300; --dbx-wrong: #b3261e; --dbx-review: #1859a9;
    }
    body[data-jp-theme-light="false"] {
      --dbx-right: #7ddc97; --dbx-partly: #f2bd5c; --dbx-wrong: #ff9d94; --dbx-review: #9cc7ff;
    }
    .jp-Cell.dbx-answer > .jp-Cell-inputWrapper { position: relative; margin-top: 1.5em; }
    .jp-Cell.dbx-answer > .jp-Cell-inputWrapper::before {
      content: attr(data-dbx-label); position: absolute; top: -1.6em; right: 0; line-height: 1.5;
      font-family: var(--jp-ui-font-family); font-size: var(--jp-ui-font-size0); color: var(--jp-ui-font-color2);
    }
    .jp-Cell.dbx-answer .jp-InputArea-editor {
      border-left: 4px solid var(--jp-brand-color1); background: var(--jp-layout-color0);
    }
    .jp-CodeCell.dbx-answer .cm-content > .cm-line:first-child * {
      color: var(--jp-ui-font-color2) !important; font-weight: normal !important;
    }
    .jp-OutputArea-output pre { word-break: normal; overflow-wrap: anywhere; }
    .jp-MarkdownCell.dbx-answer .jp-RenderedMarkdown {
      border: 1px dashed var(--jp-border-color0); border-left: 4px solid var(--jp-brand-color1);
      min-height: 5em; padding: 0.4em 0.8em;
    }`;

  /** What a cell's answer is written in; "" for a cell that is no answer. */
  function answerKind(cell) {
    const model = cell.model;
    if (model.type === "markdown") {
      const marks = model.getMetadata("nbgrader");
      return marks && marks.solution && marks.grade ? "prose" : "";
    }
    const magic = /^\s*%%(answer|recall)\b/.exec(model.sharedModel.getSource());
    if (!magic) return "";
    return magic[1] === "recall" ? "letters" : model.getMetadata("answer_kind") || "python";
  }

  function isSql(cell) {
    return /^\s*%%sql\b/.test(cell.model.sharedModel.getSource());
  }

  /** Gives a cell its colours and its mark; `language` is what the notebook's other cells are written in. */
  function dress(cell, language) {
    const kind = answerKind(cell);
    cell.node.classList.toggle("dbx-answer", Boolean(kind));
    const wrapper = cell.node.querySelector(":scope > .jp-Cell-inputWrapper");
    if (wrapper) wrapper.dataset.dbxLabel = kind === "prose" ? "your answer (double-click to write)" : "your answer";
    if (cell.model.type !== "code") return;
    const mime = isSql(cell) ? MIME.sql : MIME[kind] || language;
    if (mime && cell.model.mimeType !== mime) cell.model.mimeType = mime;
  }

  /** Follows a cell, so that it keeps its colours when it is edited or when the kernel names its language. */
  function follow(panel, cell, followed) {
    if (followed.has(cell)) return;
    followed.add(cell);
    const again = () => dress(cell, panel.content.codeMimetype);
    cell.model.contentChanged.connect(again);
    if (cell.model.mimeTypeChanged) cell.model.mimeTypeChanged.connect(again);
    again();
  }

  function dressNotebook(panel, followed) {
    const all = () => panel.content.widgets.forEach(cell => follow(panel, cell, followed));
    panel.content.model.cells.changed.connect(() => requestAnimationFrame(all));
    all();
  }

  /** The contents say where to go on as soon as they are opened. */
  async function runContents(app, panel) {
    if (!/(^|\/)contents\.ipynb$/.test(panel.context.path)) return;
    await panel.sessionContext.ready;
    if (app.shell.currentWidget === panel) await app.commands.execute("notebook:run-all-cells");
  }

  function activate(app) {
    const style = document.createElement("style");
    style.textContent = STYLE;
    document.head.append(style);
    const known = new WeakSet();
    const followed = new WeakSet();
    const look = async () => {
      const panel = app.shell.currentWidget;
      if (!panel || !panel.content || !panel.sessionContext || known.has(panel)) return;
      known.add(panel);
      await panel.context.ready;
      if (!panel.content.model || !panel.content.model.cells) return;
      dressNotebook(panel, followed);
      await runContents(app, panel);
    };
    app.shell.currentChanged.connect(look);
    app.restored.then(look);
  }

  const plugin = { id: `${NAME}:cells`, description: "Colours SQL and marks answer cells.", autoStart: true, activate };
  const module = { __esModule: true, default: plugin };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = { init: () => undefined, get: async () => () => module };
})();

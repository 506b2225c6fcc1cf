// The bookshop through Sequelize: its models, and one call of a function with all that reached the driver.
//
// It runs as the program of a box: one JSON object a line comes in, one goes out. It is handed to Node.js as a text,
// with the folder of Sequelize as its argument. Sequelize's SQLite driver needs a compiler or a download to install;
// Node.js has SQLite built in, so a small stand-in for the driver is written over that, which keeps the statements.
"use strict";
const fs = require("node:fs");
const readline = require("node:readline");
const vm = require("node:vm");
const { createRequire } = require("node:module");
const { DatabaseSync } = require("node:sqlite");

const { Sequelize, DataTypes, Op, QueryTypes } = createRequire(process.argv[1] + "/")("sequelize");
const CELL = "<your cell>";
let sent = [];
let raw = null;

/** Stands for the package `sqlite3`, as far as Sequelize uses it. */
class Database {
  constructor(name, mode, opened) {
    this.filename = name;
    this.database = raw = new DatabaseSync(":memory:");
    setImmediate(() => opened.call(this, null));
  }

  serialize(work) {
    return work();
  }

  close(closed) {
    if (closed) closed(null);
  }

  run(sql, ...more) {
    this.answer(sql, more, (statement, given) => ({ info: statement.run(...given), rows: [] }));
    return this;
  }

  all(sql, ...more) {
    this.answer(sql, more, (statement, given) => ({ info: {}, rows: statement.all(...given) }));
    return this;
  }

  answer(sql, more, work) {
    const done = typeof more.at(-1) === "function" ? more.pop() : () => {};
    const given = more.length && more[0] !== undefined ? [more[0]].flat() : [];
    const own = /^PRAGMA /i.test(sql);
    if (!own) sent.push([sql, given.length === 1 && typeof given[0] === "object" ? Object.values(given[0] ?? {}) : given, ""]);
    let found = null;
    let refused = null;
    try {
      found = work(this.database.prepare(sql), given);
    } catch (error) {
      refused = error;
      if (!own) sent.at(-1)[2] = error.code || "refused";
    }
    const context = { lastID: Number(found?.info.lastInsertRowid ?? 0), changes: Number(found?.info.changes ?? 0) };
    setImmediate(() => done.call(context, refused, found?.rows));
  }
}

const sequelize = new Sequelize({
  dialect: "sqlite",
  storage: ":memory:",
  dialectModule: { Database, OPEN_READWRITE: 2, OPEN_CREATE: 4 },
  dialectOptions: { mode: 2 },
  foreignKeys: false,
  logging: false,
  define: { timestamps: false },
});
const key = () => ({ type: DataTypes.INTEGER, primaryKey: true });
const Member = sequelize.define(
  "Member",
  { member_id: key(), name: DataTypes.STRING, password: DataTypes.STRING, role: DataTypes.STRING },
  { tableName: "members" },
);
const Book = sequelize.define(
  "Book",
  {
    book_id: key(),
    title: DataTypes.STRING,
    author: DataTypes.STRING,
    shelf: DataTypes.INTEGER,
    price: DataTypes.INTEGER,
    note: DataTypes.STRING,
  },
  { tableName: "books" },
);
const Review = sequelize.define(
  "Review",
  { review_id: key(), book_id: DataTypes.INTEGER, member_id: DataTypes.INTEGER, words: DataTypes.STRING },
  { tableName: "reviews" },
);
Book.hasMany(Review, { foreignKey: "book_id", as: "reviews" });
Review.belongsTo(Member, { foreignKey: "member_id", as: "member" });

let schema = "";
let rowsNow = "";

/** Make the tables hold these rows. */
function fill(data) {
  for (const [table] of data.toReversed()) raw.exec(`DELETE FROM ${table}`);
  for (const [table, rows] of data) {
    if (!rows.length) continue;
    const insert = raw.prepare(`INSERT INTO ${table} VALUES (${rows[0].map(() => "?").join(", ")})`);
    for (const row of rows) insert.run(...row);
  }
}

/** What the same tables hold now. */
function readRows(data) {
  return data.map(([table]) => [table, raw.prepare(`SELECT * FROM ${table}`).all().map((row) => Object.values(row))]);
}

/** What a function gave, as plain data: a book, or a row that is one, as its title and price, others as a list. */
function plain(value) {
  if (value === undefined || value === null) return null;
  if (value instanceof Book || isBook(value)) return [value.title, value.price];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "bigint") return Number(value);
  return typeof value === "object" ? Object.values(value).map(plain) : value;
}

/** Whether a row has a title and a price, as that of SELECT * does. */
function isBook(value) {
  return typeof value === "object" && "title" in value && "price" in value;
}

/** The line of the student's cell from which an error came; null if none is known. */
function lineOf(error) {
  const found = /<your cell>:(\d+)/.exec(String(error?.stack ?? ""));
  return found ? Number(found[1]) : null;
}

function words(error) {
  const line = lineOf(error);
  const text = `\`${error?.name ?? "Error"}: ${String(error?.message ?? error).slice(0, 500)}\``;
  return line ? `${text} in line ${line} of your cell` : text;
}

/** A value as the other end wrote it. */
function read(value) {
  if (Array.isArray(value)) return value.map(read);
  if (value === null || typeof value !== "object") return value;
  if ("dict" in value) return Object.fromEntries(value.dict.map(([name, item]) => [name, read(item)]));
  return read(Object.values(value)[0]);
}

function define(source, name) {
  vm.runInThisContext(source, { filename: CELL });
  const kind = vm.runInThisContext(`typeof ${name}`);
  return kind === "function" ? { function: true } : { missing: [] };
}

async function call(name, [wanted, data, given]) {
  await sequelize.authenticate({ raw: true });
  if (schema !== wanted) raw.exec((schema = wanted));
  if (rowsNow !== JSON.stringify(data)) fill(data);
  sent = [];
  let value = null;
  let raised = "";
  try {
    value = plain(await vm.runInThisContext(name)({ sequelize, Book, Op, QueryTypes }, ...given));
  } catch (error) {
    raised = words(error);
  }
  const after = readRows(data);
  rowsNow = JSON.stringify(after);
  return { value: [value, raised, sent, after] };
}

async function reply(request) {
  try {
    return "define" in request ? define(request.define, request.name) : await call(request.call, read(request.arguments));
  } catch (error) {
    return { error: error?.name ?? "Error", words: String(error?.message ?? error).slice(0, 500), line: lineOf(error) };
  }
}

async function main() {
  const say = (line) => fs.writeSync(1, line + "\n");
  process.stdout.write = process.stderr.write = () => true;
  process.on("unhandledRejection", () => {});
  let locked = false;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    say(locked ? JSON.stringify(await reply(JSON.parse(line))) : '{"ready": true}');
    locked = true;
  }
}

main();

import ts from "typescript-api";
import { fileRule, hasModifier, isExported, lineOf, nodes, type Rule } from "./source.ts";

const linesMax = 400;
const columnsMax = 100;
const functionLinesMax = 70;

const everywhere = () => true;

export const fileLength: Rule = fileRule(
  `a file has at most ${linesMax} lines`,
  everywhere,
  function* ({ text }) {
    const count = text.replace(/\n$/, "").split("\n").length;
    if (count > linesMax) yield { line: linesMax + 1, what: `${count} lines` };
  },
);

export const lineLength: Rule = fileRule(
  `a line has at most ${columnsMax} columns`,
  everywhere,
  function* ({ text }) {
    for (const [at, line] of text.split("\n").entries()) {
      const columns = line.length > columnsMax ? [...line].length : 0;
      if (columns > columnsMax) yield { line: at + 1, what: `${columns} columns` };
    }
  },
);

export const functionLength: Rule = fileRule(
  `a function has at most ${functionLinesMax} lines`,
  everywhere,
  function* ({ ast }) {
    for (const node of nodes(ast)) {
      if (!ts.isFunctionLike(node) || isGroupOfTests(node)) continue;
      const end = ast.getLineAndCharacterOfPosition(node.end).line + 1;
      const count = end - lineOf(node) + 1;
      if (count > functionLinesMax) yield { line: lineOf(node), what: `${count} lines` };
    }
  },
);

/** `describe(..., () => {...})`: a heading, not a function. */
function isGroupOfTests({ parent }: ts.Node): boolean {
  return ts.isCallExpression(parent) && parent.expression.getText().startsWith("describe");
}

const kebabFile = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|config))?\.tsx?$/;
const kebabFolder = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export const fileNames: Rule = fileRule(
  "files and folders are named in kebab-case",
  everywhere,
  function* ({ path }) {
    const folders = path.split("/");
    const file = folders.pop() ?? "";
    if (!kebabFile.test(file)) yield { line: 1, what: file };
    for (const folder of folders) if (!kebabFolder.test(folder)) yield { line: 1, what: folder };
  },
);

export const barrels: Rule = fileRule(
  "there are no barrels",
  everywhere,
  function* ({ path, ast }) {
    if (/(^|\/)index\.tsx?$/.test(path)) yield { line: 1, what: "name the file for what is in it" };
    for (const node of ast.statements) {
      if (!ts.isExportDeclaration(node) || node.exportClause !== undefined) continue;
      yield { line: lineOf(node), what: "export by name" };
    }
  },
);

export const defaultExports: Rule = fileRule(
  "only scenarios and configurations have a default export",
  (path) => !/^scenarios\/|^test\/regressions\/|\.config\.tsx?$/.test(path),
  function* ({ ast }) {
    for (const node of ast.statements) {
      if (!isDefaultExport(node)) continue;
      yield { line: lineOf(node), what: "export it by its name" };
    }
  },
);

function isDefaultExport(node: ts.Statement): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (isExported(node)) return hasModifier(node, ts.SyntaxKind.DefaultKeyword);
  if (!ts.isExportDeclaration(node) || !node.exportClause) return false;
  return (
    ts.isNamedExports(node.exportClause) &&
    node.exportClause.elements.some((element) => element.name.text === "default")
  );
}

import ts from "typescript-api";
import { fileRule, hasModifier, lineOf, nodes, type Rule, type Source } from "./source.ts";

/**
 * Names that would let a run depend on the machine, the moment or the engine. They are banned in
 * `core` and in the simulator, except for its host files: those that read arguments and files,
 * start threads or print.
 */

const hostWords = /(^|[/-])(cli|library|report|load|loader|bench|simulate|worker|workers)([./-]|$)/;

/** True for the files of `sim` that belong to the world outside a run. */
export function isHostFile(path: string): boolean {
  return path.startsWith("sim/") && hostWords.test(path.slice("sim/".length));
}

function isCore(path: string): boolean {
  return path.startsWith("core/");
}

function isPure(path: string): boolean {
  return isCore(path) || (path.startsWith("sim/") && !isHostFile(path));
}

const bannedGlobals = new Set([
  ...["Date", "performance", "Intl", "Promise", "WeakRef", "FinalizationRegistry", "Atomics"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch"],
  ...["clearTimeout", "clearInterval", "clearImmediate"],
  ...["process", "crypto", "globalThis", "console", "require", "eval"],
]);
const bannedMethods = new Set([
  ...["localeCompare", "toLocaleString", "toLocaleLowerCase", "toLocaleUpperCase"],
]);
/** The functions of `Math` that give the same bits on every engine. */
const exactMath = new Set([
  ...["abs", "ceil", "clz32", "floor", "fround", "imul", "max", "min", "round", "sign", "sqrt"],
  "trunc",
]);

export const bannedNames: Rule = fileRule(
  "core and the simulator use nothing that differs between runs",
  isPure,
  function* ({ ast }) {
    for (const node of nodes(ast)) {
      const what = banned(node);
      if (what !== null) yield { line: lineOf(node), what };
    }
  },
);

function banned(node: ts.Node): string | null {
  if (ts.isIdentifier(node)) return bannedIdentifier(node);
  if (ts.isAwaitExpression(node)) return "await: what is pure does not wait";
  if (ts.isForOfStatement(node) && node.awaitModifier)
    return "for await: what is pure does not wait";
  if (hasModifier(node, ts.SyntaxKind.AsyncKeyword)) return "async: what is pure does not wait";
  if (ts.isBinaryExpression(node)) return bannedOperator(node.operatorToken.kind);
  if (ts.isCallExpression(node)) return bannedCall(node);
  return null;
}

function bannedIdentifier(node: ts.Identifier): string | null {
  const name = node.text;
  if (isMemberName(node)) return bannedMethods.has(name) ? `${name}: locales differ` : null;
  if (bannedGlobals.has(name)) return `${name} is banned here`;
  if (name !== "Math") return null;
  const member = ts.isPropertyAccessExpression(node.parent) ? node.parent.name.text : "";
  return exactMath.has(member) ? null : `Math.${member} is not exact on every engine`;
}

function bannedOperator(kind: ts.SyntaxKind): string | null {
  const power =
    kind === ts.SyntaxKind.AsteriskAsteriskToken ||
    kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken;
  return power ? "** is not exact on every engine" : null;
}

function bannedCall({ expression, arguments: given }: ts.CallExpression): string | null {
  if (expression.kind === ts.SyntaxKind.ImportKeyword)
    return "import(): what is pure does not wait";
  if (!ts.isPropertyAccessExpression(expression) || given.length > 0) return null;
  const { text } = expression.name;
  return text === "sort" || text === "toSorted" ? `${text}() needs a comparator` : null;
}

/** True where an identifier names a member of something, and does not refer to a variable. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  const isMember =
    ts.isPropertyAccessExpression(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isTypeElement(parent) ||
    ts.isClassElement(parent);
  return isMember && parent.name === node;
}

export const stringify: Rule = fileRule(
  "core does not call JSON.stringify",
  isCore,
  function* ({ ast }) {
    for (const node of nodes(ast)) {
      if (!ts.isIdentifier(node) || node.text !== "stringify") continue;
      yield {
        line: lineOf(node),
        what: "the order of keys is an accident; use sim/digest.ts",
      };
    }
  },
);

export const moduleState: Rule = fileRule(
  "core and the simulator keep no state in a module",
  isPure,
  function* ({ ast }) {
    for (const statement of ast.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      if (statement.declarationList.flags & ts.NodeFlags.Const) continue;
      yield { line: lineOf(statement), what: "a variable of a module outlives a run" };
    }
  },
);

/** Node gives each object that begins so a class of its own: making and reading them is slow. */
export const twoSpreads: Rule = fileRule(
  "core begins no object with two spreads",
  isCore,
  function* ({ ast }) {
    for (const node of nodes(ast)) {
      if (!ts.isObjectLiteralExpression(node) || node.properties.length < 2) continue;
      if (!node.properties.slice(0, 2).every(ts.isSpreadAssignment)) continue;
      yield { line: lineOf(node), what: "name a field first, or `changed` of core/model" };
    }
  },
);

/** The daemon passes `noBug` where core asks, and has no way to pass anything else. */
export const plantedBugs: Rule = fileRule(
  "real knows no planted bug",
  (path) => path.startsWith("real/"),
  function* (source) {
    for (const node of nodes(source.ast)) {
      const what = plantedMention(node, source);
      if (what !== null) yield { line: lineOf(node), what };
    }
  },
);

function plantedMention(node: ts.Node, { ast }: Source): string | null {
  if (ts.isPropertyAssignment(node) && node.name.getText(ast) === "planted") {
    return node.initializer.getText(ast) === "noBug" ? null : "planted is noBug, always";
  }
  if (ts.isStringLiteralLike(node)) return /^[A-Z]\d\d$/.test(node.text) ? node.text : null;
  if (!ts.isIdentifier(node)) return null;
  const { parent } = node;
  const isProbe =
    node.text === "probe" &&
    ts.isPropertyAssignment(parent) &&
    !ts.isNumericLiteral(parent.initializer);
  if (isProbe || /buggify/i.test(node.text)) return `${node.text}: only for simulations`;
  if (!/planted/i.test(node.text)) return null;
  return ts.isPropertyAssignment(node.parent) ? null : node.text;
}

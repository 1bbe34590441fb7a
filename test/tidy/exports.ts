import ts from "typescript-api";
import { type Breach, isExported, lineOf, nodes, type Rule, type Source } from "./source.ts";

/** Files whose readers are outside the repository. */
const publicFiles = new Set(["sim/scenario/dsl.ts", "sim/library.ts"]);

const checked = /^(core|sim|real|tui)\//;

interface Export {
  readonly name: string;
  readonly line: number;
  /** An interface or an alias, which another export's signature may need. */
  readonly isType: boolean;
  /** The names in its signature. */
  readonly mentions: ReadonlySet<string>;
}

/**
 * Every export has an importer, tests included. A type needs none where a living export of its
 * file mentions it: whoever holds a value may have to name its type.
 */
export const deadExports: Rule = {
  name: "there are no dead exports",
  check({ sources }) {
    const used = namesUsed(sources);
    return sources
      .filter(({ path }) => checked.test(path) && !publicFiles.has(path))
      .flatMap((source) => deadIn(source, used.get(source.path) ?? new Set()));
  },
};

function namesUsed(sources: readonly Source[]): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  for (const { target, names } of sources.flatMap(({ imports }) => imports)) {
    const known = used.get(target) ?? new Set();
    for (const name of names) known.add(name);
    used.set(target, known);
  }
  return used;
}

function deadIn(source: Source, used: ReadonlySet<string>): Breach[] {
  if (used.has("*")) return [];
  const exports = source.ast.statements.flatMap(exportsOf);
  const living = exports.filter(({ name }) => used.has(name));
  for (const { mentions } of living) {
    for (const item of exports) {
      if (item.isType && mentions.has(item.name) && !living.includes(item)) living.push(item);
    }
  }
  return exports
    .filter((item) => !living.includes(item))
    .map(({ name, line }) => ({ path: source.path, line, what: `nobody imports ${name}` }));
}

function exportsOf(node: ts.Statement): Export[] {
  const line = lineOf(node);
  if (ts.isExportDeclaration(node)) {
    const clause = node.exportClause;
    if (clause === undefined || !ts.isNamedExports(clause)) return [];
    const bare = { isType: false, mentions: new Set<string>() };
    return clause.elements.map(({ name }) => ({ name: name.text, line: lineOf(name), ...bare }));
  }
  if (!isExported(node)) return [];
  const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
  const mentions = new Set(signatureNames(node));
  return declaredNames(node).map((name) => ({ name, line, isType, mentions }));
}

function declaredNames(node: ts.Statement): string[] {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.flatMap(({ name }) =>
      [...nodes(name)].filter(ts.isIdentifier).map(({ text }) => text),
    );
  }
  const { name } = node as ts.DeclarationStatement;
  return name === undefined ? [] : [name.getText()];
}

function signatureNames(node: ts.Node): string[] {
  if (ts.isBlock(node)) return [];
  if (ts.isIdentifier(node)) return [node.text];
  const names: string[] = [];
  ts.forEachChild(node, (child) => {
    names.push(...signatureNames(child));
  });
  return names;
}

import { posix } from "node:path";
import ts from "typescript-api";

/** What the rules look at: all parsed once, and a planted breach is as easy to make as a file. */
export interface Tree {
  readonly sources: readonly Source[];
  /** Every tracked file, as text. */
  readonly texts: readonly Text[];
}

export interface Text {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Source extends Text {
  readonly ast: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** One mention of another module: `import`, `export from`, `import()` or `import("...").Type`. */
export interface Import {
  readonly line: number;
  /** The path of a file of the repository, or the name of a package. */
  readonly target: string;
  readonly relative: boolean;
  /** Erased when compiled. */
  readonly typeOnly: boolean;
  /** What is taken by name; `*` is all of it. */
  readonly names: readonly string[];
}

export interface Rule {
  /** A sentence that holds. */
  readonly name: string;
  check(tree: Tree): Breach[];
}

export interface Breach {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** A rule about one file at a time, in the files that `applies` chooses. */
export function fileRule(
  name: string,
  applies: (path: string) => boolean,
  check: (source: Source) => Iterable<Omit<Breach, "path">>,
): Rule {
  const inFile = (source: Source) => [...check(source)].map((b) => ({ path: source.path, ...b }));
  return {
    name,
    check: ({ sources }) => sources.filter(({ path }) => applies(path)).flatMap(inFile),
  };
}

export function parse({ path, text }: Text): Source {
  const kind = path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const ast = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, kind);
  return { path, text, ast, imports: importsOf(path, ast) };
}

/** All nodes of a file, parents first. */
export function* nodes(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) yield* nodes(child);
}

/** The line a node starts in, its comment aside; counted from 1. */
export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

export function isExported(node: ts.Node): boolean {
  return hasModifier(node, ts.SyntaxKind.ExportKeyword);
}

export function hasModifier(node: ts.Node, kind: ts.ModifierSyntaxKind): boolean {
  if (!ts.canHaveModifiers(node)) return false;
  return ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false;
}

function importsOf(path: string, ast: ts.SourceFile): Import[] {
  return [...nodes(ast)].flatMap((node) => {
    const found = mention(node);
    if (found === null) return [];
    const relative = found.specifier.startsWith(".");
    const target = relative ? posix.join(posix.dirname(path), found.specifier) : found.specifier;
    return [{ ...found, line: lineOf(node), relative, target }];
  });
}

interface Mention {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly names: readonly string[];
}

function mention(node: ts.Node): Mention | null {
  if (ts.isImportDeclaration(node)) return importMention(node);
  if (ts.isExportDeclaration(node)) return exportMention(node);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: literal(node.argument.literal), typeOnly: true, names: ["*"] };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { specifier: literal(node.arguments[0]), typeOnly: false, names: ["*"] };
  }
  return null;
}

function importMention({ importClause: clause, moduleSpecifier }: ts.ImportDeclaration): Mention {
  const specifier = literal(moduleSpecifier);
  if (clause === undefined) return { specifier, typeOnly: false, names: [] };
  const names = clause.name === undefined ? [] : ["default"];
  const bindings = clause.namedBindings;
  if (bindings !== undefined && ts.isNamespaceImport(bindings)) names.push("*");
  const named = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
  names.push(...named.map((element) => (element.propertyName ?? element.name).text));
  // `import { type A }` keeps the import statement, so only the clause's own `type` counts.
  const typeOnly = clause.phaseModifier === ts.SyntaxKind.TypeKeyword;
  return { specifier, typeOnly, names };
}

function exportMention({ exportClause, moduleSpecifier, isTypeOnly }: ts.ExportDeclaration) {
  if (moduleSpecifier === undefined) return null;
  const named = exportClause !== undefined && ts.isNamedExports(exportClause);
  const names = named
    ? exportClause.elements.map((element) => (element.propertyName ?? element.name).text)
    : ["*"];
  return { specifier: literal(moduleSpecifier), typeOnly: isTypeOnly, names };
}

function literal(node: ts.Node | undefined): string {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : "(computed)";
}

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const FOLDER = resolve(import.meta.dirname, "../../../src/words");

/** Each language of the shop, its own name for itself, and a browser locale that requests it. */
export const LANGUAGES = [
  { language: "en", name: "English", locale: "en-GB" },
  { language: "id", name: "Bahasa Indonesia", locale: "id-ID" },
] as const;

export type Language = (typeof LANGUAGES)[number]["language"];

type Arguments = Record<string, string | number>;

/**
 * The texts of one language, read from the shop's own files. Supports the parts of Fluent that they use: `{ $name }`,
 * `{ key }`, and one choice per text.
 */
export class Words {
  private readonly patterns: Map<string, string>;

  constructor(readonly language: Language) {
    const sources = ["pages", "mails"].map((name) => readFileSync(`${FOLDER}/${language}/${name}.ftl`, "utf8"));
    const messages = sources.flatMap((source) => [...source.matchAll(/^([a-z][\w-]*) = (.*(?:\n[ }].*)*)/gm)]);
    this.patterns = new Map(messages.map(([, key = "", pattern = ""]) => [key, pattern]));
  }

  /** Returns the text of `key` without the marks of links and emphasis. */
  say(key: string, values: Arguments = {}): string {
    return this.fill(key, values).replace(/<\/?[ab]>/g, "");
  }

  hasLink(key: string): boolean {
    return this.pattern(key).includes("<a>");
  }

  /** Returns the text of the link in it. */
  link(key: string, values: Arguments = {}): string {
    const [, text] = /<a>(.*)<\/a>/.exec(this.pattern(key)) ?? [];
    if (!text) throw new Error(`no link in ${key}`);
    return this.place(text, values);
  }

  /** Returns a UTC time to the minute, in the server's format. */
  minute(time: Date): string {
    return this.say("minute", moment(time));
  }

  day(time: Date): string {
    return this.say("day", moment(time));
  }

  /** Returns the hour and minute of a time. */
  clock(time: Date): string {
    const [, text] = /\{ day \}.*?(\{ \$hour \}.*\{ \$minute \})/.exec(this.pattern("minute")) ?? [];
    return this.place(text ?? "", moment(time));
  }

  private fill(key: string, values: Arguments): string {
    const pattern = this.pattern(key);
    const [, name, choices] = /^\{ \$(\w+) ->\n([^]*)\}$/.exec(pattern) ?? [];
    return this.place(name && choices ? this.choose(choices, values[name]) : pattern, values);
  }

  private pattern(key: string): string {
    const pattern = this.patterns.get(key);
    if (pattern === undefined) throw new Error(`no ${key} in ${this.language}`);
    return pattern;
  }

  private choose(choices: string, value: string | number | undefined): string {
    const texts = new Map([...choices.matchAll(/^ +\*?\[(\w+)\] (.*)$/gm)].map(([, name, text]) => [name, text]));
    const [, other] = /^ *\*\[(\w+)\]/m.exec(choices) ?? [];
    const plural = new Intl.PluralRules(this.language).select(Number(value));
    return texts.get(String(value)) ?? texts.get(plural) ?? texts.get(other) ?? "";
  }

  private place(text: string, values: Arguments): string {
    return text.replace(/\{ (\$?)([\w-]+) \}/g, (_, isValue: string, name: string) => {
      if (!isValue) return this.fill(name, values);
      const value = values[name];
      if (value === undefined) throw new Error(`no ${name} for: ${text}`);
      return String(value);
    });
  }
}

function moment(time: Date): Arguments {
  const [year = "", month = "", day = "", hour = "", minute = ""] = time.toISOString().split(/\D/);
  return { year, month: Number(month), day: Number(day), hour, minute };
}

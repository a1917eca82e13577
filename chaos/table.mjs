// Prints the results of a run as a Markdown table for the documentation.
const HEAD = [
  "fault", "answered", "503", "no connection", "recovery", "sign-ups", "ended", "used up", "signed in", "survived",
];

export function print(tallies) {
  const rows = tallies.map(({ name, answered, unavailable, unreached, recovery, checked, survived }) => [
    ...[name, answered, unavailable, unreached],
    recovery === undefined ? "–" : `${recovery.toFixed(1)} s`,
    ...[checked.signUps, checked.ended, checked.usedUp, checked.kept],
    survived ? "yes" : "NO",
  ]);
  const lines = [HEAD, ...rows].map((cells) => cells.map(String));
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  lines.splice(1, 0, widths.map((width, column) => "-".repeat(width - 1) + (column ? ":" : "-")));
  for (const cells of lines) console.log(`| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`);
}

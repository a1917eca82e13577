// A line of the table that main.mjs prints.

/** More is better, unless `unit` names what should be little. */
export const row = (figure, measured, { unit = "", limit, goal } = {}) => ({ figure, measured, unit, limit, goal });

// A row of the table that main.mjs prints.

/** A higher value is better, unless there is a `unit`. */
export const row = (figure, measured, { unit = "", limit, goal } = {}) => ({ figure, measured, unit, limit, goal });

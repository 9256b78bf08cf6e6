/** True in `npm run test:thorough`, which tries more cases than `npm test`. */
export const isThorough = process.env.TFSAVER_THOROUGH === "1";

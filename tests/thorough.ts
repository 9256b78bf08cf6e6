/** True in `npm run test:thorough`, where tests try more cases than `npm test` has time for. */
export const isThorough = process.env.TFSAVER_THOROUGH === "1";

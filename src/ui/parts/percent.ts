/** A share from 0 to 1, in percent: `12.5 %`. */
export const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

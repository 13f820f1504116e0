/** What every answer tells browsers: take it for what it says it is, show it in no frame, and hand it to no other site. */
export const safetyHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
} as const;

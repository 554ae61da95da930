// Generated from proto/openapi.json: npm run generate.
export const LIMITS = {
  "email": {
    "maxLength": 254,
    "pattern": "^[^@\\x00-\\x20\\x7f-\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+@[^@.\\x00-\\x20\\x7f-\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]([^@\\x00-\\x20\\x7f-\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*[^@.\\x00-\\x20\\x7f-\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000])?$"
  },
  "extendHours": {
    "exclusiveMinimum": 0,
    "maximum": 168
  },
  "invitationDays": {
    "minimum": 1,
    "maximum": 30
  },
  "linkUses": {
    "minimum": 1,
    "maximum": 500
  },
  "name": {
    "maxLength": 40,
    "pattern": "^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$"
  },
  "password": {
    "minLength": 10,
    "maxLength": 200
  },
  "shareHours": {
    "minimum": 0.1,
    "maximum": 720
  },
  "shareNamespaces": {
    "maxItems": 20
  },
  "title": {
    "maxLength": 100
  },
  "tokenDays": {
    "minimum": 1,
    "maximum": 366
  },
  "ttlHours": {
    "minimum": 0.25,
    "maximum": 168
  }
} as const;

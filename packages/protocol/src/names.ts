import { z } from 'zod';

/** Characters that can change how a line looks on a terminal or a page: controls and bidirectional marks. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** A name that people give: 1 to 80 visible characters, no line breaks. */
export const DisplayName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(80, 'must be at most 80 characters')
  .refine((name) => !invisible.test(name), 'must not have invisible characters');

/** A node's name: what a host name may look like, so that it can be typed and filtered by. */
export const NodeName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be 1 to 63 of a-z 0-9 -, not starting or ending with -',
  );

export const LabelKey = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 of a-z 0-9 . _ / -');
export const LabelValue = z
  .string()
  .regex(/^[A-Za-z0-9._-]{0,63}$/, 'must be at most 63 of A-Z a-z 0-9 . _ -');
export const Labels = z
  .record(LabelKey, LabelValue)
  .refine((labels) => Object.keys(labels).length <= 32, 'at most 32 labels');
export type Labels = z.infer<typeof Labels>;

/**
 * A relative path as jobs see it, always with `/`: no empty, `.` or `..` part, no backslash, no NUL or control
 * character, at most 1,024 bytes and 32 parts.
 */
export const RelativePath = z
  .string()
  .min(1)
  .max(1024)
  .refine((path) => !/[\p{Cc}\\]/u.test(path), 'must not have control characters or backslashes')
  .refine((path) => {
    const parts = path.split('/');
    return (
      parts.length <= 32 &&
      parts.every((part) => part !== '' && part !== '.' && part !== '..' && part.length <= 255)
    );
  }, 'must be a relative path without empty, . or .. parts');

import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import styles from './parts.module.css';

/** Puts `text` on the clipboard; says so for a moment. Works on pages without https too. */
export function CopyButton(props: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const wait = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(wait);
  }, [copied]);
  return (
    <Tooltip label={copied ? 'Copied' : props.label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={props.label}
        onClick={async () => setCopied(await copyText(props.text))}
      >
        {copied ? <IconCheck size={16} stroke={1.5} /> : <IconCopy size={16} stroke={1.5} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** The clipboard API exists on https and localhost only; elsewhere a hidden field does it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.style.position = 'fixed';
    field.style.opacity = '0';
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  }
}

/** One line for a terminal, to copy. */
export function CommandLine(props: { command: string; label?: string }) {
  return (
    <div className={styles.command}>
      <code>{props.command}</code>
      <CopyButton text={props.command} label={props.label ?? 'Copy command'} />
    </div>
  );
}

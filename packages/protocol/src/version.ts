/**
 * The agent protocol's version: one integer, raised with every change of `agent/`.
 *
 * History
 * - 1 (2026-11-24): challenge, register, registered, claims, workspace_joined/left, heartbeat, reconcile, assign,
 *   cancel, started, refused, outcomes, outcomes_ack, output channels, capabilities.
 */
export const AGENT_PROTOCOL_VERSION = 1;

/** The oldest agent protocol this orchestrator still speaks. */
export const OLDEST_AGENT_PROTOCOL_VERSION = 1;

/** The product's version, shown in `--version`, `/api/health` and on the node's page. */
export const PRODUCT_VERSION = '0.1.0';

/** What the orchestrator last said of this node: name, owner, workspaces, share key, claims that wait for the owner. */
export { createNodeState, type NodeNews, type NodeState, type NodeView } from './node-state.ts';

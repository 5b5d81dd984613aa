-- Tenants, who is in them, and the tokens that act for a member.

create table workspaces (
  id text primary key,
  name text not null,
  -- Sealed under the master key with `swarm-key:<id>` as context; made on first need.
  swarm_key bytea,
  created_at timestamptz not null
);

create table workspace_members (
  workspace_id text not null references workspaces (id) on delete cascade,
  user_id text not null references users (id) on delete cascade,
  role text not null check (role in ('viewer', 'member', 'admin', 'owner')),
  created_at timestamptz not null,
  primary key (workspace_id, user_id)
);
create index workspace_members_user_id_idx on workspace_members (user_id, workspace_id desc);

create table access_tokens (
  id text primary key,
  workspace_id text not null references workspaces (id) on delete cascade,
  user_id text not null references users (id) on delete cascade,
  name text not null,
  prefix text not null,
  token_hash bytea not null unique,
  scopes text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz
);
create index access_tokens_workspace_id_idx on access_tokens (workspace_id, id desc);

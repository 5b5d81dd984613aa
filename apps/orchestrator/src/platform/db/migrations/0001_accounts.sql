-- People, where they are signed in, and how the first of them gets in.

-- Kept by better-auth (accounts/people.ts names tables and columns); a test proves that it has nothing pending.
create table users (
  id text primary key,
  name text not null,
  email text not null unique,
  email_verified boolean not null,
  image text,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);

create table user_sessions (
  id text primary key,
  expires_at timestamptz not null,
  -- Raw, but worthless without the key that signs cookies, which is not in the database.
  token text not null unique,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null,
  ip_address text,
  user_agent text,
  user_id text not null references users (id) on delete cascade
);
create index user_sessions_user_id_idx on user_sessions (user_id);

create table user_accounts (
  id text primary key,
  account_id text not null,
  provider_id text not null,
  user_id text not null references users (id) on delete cascade,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null
);
create index user_accounts_user_id_idx on user_accounts (user_id);

create table user_verifications (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);
create index user_verifications_identifier_idx on user_verifications (identifier);

-- The link that makes the first user: the newest row counts, its use deletes it.
create table setup_links (
  token_hash bytea primary key,
  created_at timestamptz not null default current_timestamp
);

-- A CLI that waits for a signed-in person to confirm it.
create table cli_logins (
  device_hash bytea primary key,
  user_code_hash bytea not null unique,
  client text not null,
  address text,
  state text not null check (state in ('pending', 'confirmed', 'refused')),
  user_id text references users (id) on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  polled_at timestamptz,
  check ((state = 'confirmed') = (user_id is not null))
);
create index cli_logins_expires_at_idx on cli_logins (expires_at);

create table cli_sessions (
  id text primary key,
  token_hash bytea not null unique,
  user_id text not null references users (id) on delete cascade,
  client text not null,
  address text,
  created_at timestamptz not null,
  last_used_at timestamptz,
  expires_at timestamptz not null
);
create index cli_sessions_user_id_idx on cli_sessions (user_id);

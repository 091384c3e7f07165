-- DomainDesk's tables as Laravel 12's migrations make them on SQLite. `{prefix}` stands for the connection's table
-- prefix; index names carry it too (`prefix_indexes`). The order is that of the foreign keys.
-- Of partners and users only what the other tables refer to.

create table "{prefix}partners" (
    "id" integer primary key autoincrement not null,
    "name" varchar not null,
    "email" varchar not null,
    "slug" varchar not null,
    "status" varchar not null default 'active',
    "is_active" tinyint(1) not null default '1',
    "created_at" datetime,
    "updated_at" datetime,
    "deleted_at" datetime
);

create table "{prefix}users" (
    "id" integer primary key autoincrement not null,
    "name" varchar not null,
    "email" varchar not null,
    "role" varchar not null default 'client',
    "partner_id" integer,
    "created_at" datetime,
    "updated_at" datetime,
    "deleted_at" datetime,
    foreign key("partner_id") references "{prefix}partners"("id") on delete cascade
);

create table "{prefix}audit_logs" (
    "id" integer primary key autoincrement not null,
    "user_id" integer,
    "partner_id" integer,
    "action" varchar not null,
    "auditable_type" varchar not null,
    "auditable_id" integer not null,
    "old_values" text,
    "new_values" text,
    "ip_address" varchar,
    "user_agent" text,
    "created_at" datetime,
    "updated_at" datetime,
    foreign key("user_id") references "{prefix}users"("id") on delete set null,
    foreign key("partner_id") references "{prefix}partners"("id") on delete set null
);
create index "{prefix}audit_logs_auditable_type_auditable_id_index" on "{prefix}audit_logs" ("auditable_type", "auditable_id");
create index "{prefix}audit_logs_user_id_created_at_index" on "{prefix}audit_logs" ("user_id", "created_at");
create index "{prefix}audit_logs_partner_id_created_at_index" on "{prefix}audit_logs" ("partner_id", "created_at");

create table "{prefix}registrars" (
    "id" integer primary key autoincrement not null,
    "name" varchar not null,
    "slug" varchar not null,
    "api_class" varchar,
    "credentials" text,
    "is_active" tinyint(1) not null default '1',
    "is_default" tinyint(1) not null default '0',
    "last_sync_at" datetime,
    "created_at" datetime,
    "updated_at" datetime
);
create unique index "{prefix}registrars_slug_unique" on "{prefix}registrars" ("slug");

create table "{prefix}tlds" (
    "id" integer primary key autoincrement not null,
    "registrar_id" integer not null,
    "extension" varchar not null,
    "min_years" integer not null default '1',
    "max_years" integer not null default '10',
    "supports_dns" tinyint(1) not null default '1',
    "supports_whois_privacy" tinyint(1) not null default '1',
    "is_active" tinyint(1) not null default '1',
    "created_at" datetime,
    "updated_at" datetime,
    foreign key("registrar_id") references "{prefix}registrars"("id") on delete cascade
);
create unique index "{prefix}tlds_registrar_id_extension_unique" on "{prefix}tlds" ("registrar_id", "extension");

create table "{prefix}tld_prices" (
    "id" integer primary key autoincrement not null,
    "tld_id" integer not null,
    "action" varchar check ("action" in ('register', 'renew', 'transfer')) not null,
    "years" integer not null,
    "price" numeric not null,
    "effective_date" date not null,
    "created_at" datetime,
    "updated_at" datetime,
    foreign key("tld_id") references "{prefix}tlds"("id") on delete cascade
);
create index "{prefix}tld_prices_tld_id_action_years_effective_date_index" on "{prefix}tld_prices" ("tld_id", "action", "years", "effective_date");

create table "{prefix}domains" (
    "id" integer primary key autoincrement not null,
    "name" varchar not null,
    "client_id" integer not null,
    "partner_id" integer not null,
    "registrar_id" integer,
    "status" varchar check ("status" in ('pending_registration', 'active', 'expired', 'grace_period', 'redemption', 'suspended', 'transferred_out', 'pending_transfer', 'transfer_in_progress', 'transfer_approved', 'transfer_completed', 'transfer_failed', 'transfer_cancelled')) not null default 'pending_registration',
    "registered_at" datetime,
    "expires_at" datetime,
    "auto_renew" tinyint(1) not null default '1',
    "auth_code" text,
    "transfer_initiated_at" datetime,
    "transfer_completed_at" datetime,
    "transfer_status_message" text,
    "transfer_metadata" text,
    "last_synced_at" datetime,
    "sync_metadata" text,
    "created_at" datetime,
    "updated_at" datetime,
    "deleted_at" datetime,
    foreign key("client_id") references "{prefix}users"("id") on delete cascade,
    foreign key("partner_id") references "{prefix}partners"("id") on delete cascade,
    foreign key("registrar_id") references "{prefix}registrars"("id") on delete set null
);
create index "{prefix}domains_client_id_status_index" on "{prefix}domains" ("client_id", "status");
create index "{prefix}domains_partner_id_status_index" on "{prefix}domains" ("partner_id", "status");
create index "{prefix}domains_expires_at_status_index" on "{prefix}domains" ("expires_at", "status");
create index "{prefix}domains_status_index" on "{prefix}domains" ("status");
create unique index "{prefix}domains_name_unique" on "{prefix}domains" ("name");

create table "{prefix}domain_nameservers" (
    "id" integer primary key autoincrement not null,
    "domain_id" integer not null,
    "nameserver" varchar not null,
    "order" integer not null,
    "created_at" datetime,
    "updated_at" datetime,
    foreign key("domain_id") references "{prefix}domains"("id") on delete cascade
);
create unique index "{prefix}domain_nameservers_domain_id_order_unique" on "{prefix}domain_nameservers" ("domain_id", "order");

create table "{prefix}domain_contacts" (
    "id" integer primary key autoincrement not null,
    "domain_id" integer not null,
    "type" varchar check ("type" in ('registrant', 'admin', 'tech', 'billing')) not null,
    "first_name" varchar not null,
    "last_name" varchar not null,
    "email" varchar not null,
    "phone" varchar not null,
    "organization" varchar,
    "address" varchar not null,
    "city" varchar not null,
    "state" varchar,
    "postal_code" varchar not null,
    "country" varchar not null,
    "created_at" datetime,
    "updated_at" datetime,
    foreign key("domain_id") references "{prefix}domains"("id") on delete cascade
);
create index "{prefix}domain_contacts_domain_id_type_index" on "{prefix}domain_contacts" ("domain_id", "type");

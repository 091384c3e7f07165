-- DomainDesk's tables as Laravel 12's migrations make them on PostgreSQL. `{prefix}` stands for the connection's table
-- prefix; the names of indexes and constraints carry it too (`prefix_indexes`). The order is that of the foreign keys.
-- Columns that a later migration added stand last, since PostgreSQL has no `after`.
-- Of partners and users only what the other tables refer to.

create table "{prefix}partners" (
    "id" bigserial not null primary key,
    "name" varchar(255) not null,
    "email" varchar(255) not null,
    "slug" varchar(255) not null,
    "status" varchar(255) not null default 'active',
    "is_active" boolean not null default '1',
    "created_at" timestamp(0) without time zone null,
    "updated_at" timestamp(0) without time zone null,
    "deleted_at" timestamp(0) without time zone null
);

create table "{prefix}users" (
    "id" bigserial not null primary key,
    "name" varchar(255) not null,
    "email" varchar(255) not null,
    "role" varchar(255) not null default 'client',
    "partner_id" bigint null,
    "created_at" timestamp(0) without time zone null,
    "updated_at" timestamp(0) without time zone null,
    "deleted_at" timestamp(0) without time zone null,
    constraint "{prefix}users_partner_id_foreign" foreign key ("partner_id") references "{prefix}partners" ("id") on delete cascade
);

create table "{prefix}audit_logs" (
    "id" bigserial not null primary key,
    "user_id" bigint null,
    "partner_id" bigint null,
    "action" varchar(255) not null,
    "auditable_type" varchar(255) not null,
    "auditable_id" bigint not null,
    "old_values" json null,
    "new_values" json null,
    "ip_address" varchar(45) null,
    "user_agent" text null,
    "created_at" timestamp(0) without time zone null,
    "updated_at" timestamp(0) without time zone null,
    constraint "{prefix}audit_logs_user_id_foreign" foreign key ("user_id") references "{prefix}users" ("id") on delete set null,
    constraint "{prefix}audit_logs_partner_id_foreign" foreign key ("partner_id") references "{prefix}partners" ("id") on delete set null
);
create index "{prefix}audit_logs_auditable_type_auditable_id_index" on "{prefix}audit_logs" ("auditable_type", "auditable_id");
create index "{prefix}audit_logs_user_id_created_at_index" on "{prefix}audit_logs" ("user_id", "created_at");
create index "{prefix}audit_logs_partner_id_created_at_index" on "{prefix}audit_logs" ("partner_id", "created_at");

create table "{prefix}registrars" (
    "id" bigserial not null primary key,
    "name" varchar(255) not null,
    "slug" varchar(255) not null,
    "api_class" varchar(255) null,
    "credentials" json null,
    "is_active" boolean not null default '1',
    "is_default" boolean not null default '0',
    "last_sync_at" timestamp(0) without time zone null,
    "created_at" timestamp(0) without time zone null,
    "updated_at" timestamp(0) without time zone null,
    constraint "{prefix}registrars_slug_unique" unique ("slug")
);

create table "{prefix}tlds" (
    "id" bigserial not null primary key,
    "registrar_id" bigint not null,
    "extension" varchar(255) not null,
    "min_years" smallint not null default '1',
    "max_years" smallint not null default '10',
    "supports_dns" boolean not null default '1',
    "supports_whois_privacy" boolean not null default '1',
    "is_active" boolean not null default '1',
    "created_at" timestamp(0) without time zone null,
    "updated_at" timestamp(0) without time zone null,
    constraint "{prefix}tlds_registrar_id_extension_unique" unique ("registrar_id", "extension"),
    constraint "{prefix}tlds_registrar_id_foreign" foreign key ("registrar_id") references "{prefix}registrars" ("id") on delete cascade
);

create table "{prefix}tld_prices" (
    "id" bigserial not null primary key,
    "tld_id" bigint not null,
    "action" varchar(255) check ("action" in ('register', 'renew', 'transfer')) not null,
    "years" smallint not null,
    "price" decimal(10, 2) not null,
    "effective_date" date not null,
    "created_at" timestamp(0) without time zone null,
    "updated_at" timestamp(0) without time zone null,
    constraint "{prefix}tld_prices_tld_id_foreign" foreign key ("tld_id") references "{prefix}tlds" ("id") on delete cascade
);
create index "{prefix}tld_prices_tld_id_action_years_effective_date_index" on "{prefix}tld_prices" ("tld_id", "action", "years", "effective_date");

create table "{prefix}domains" (
    "id" bigserial not null primary key,
    "name" varchar(255) not null,
    "client_id" bigint not null,
    "partner_id" bigint not null,
    "registrar_id" bigint null,
    "status" varchar(255) check ("status" in ('pending_registration', 'active', 'expired', 'grace_period', 'redemption', 'suspended', 'transferred_out', 'pending_transfer', 'transfer_in_progress', 'transfer_approved', 'transfer_completed', 'transfer_failed', 'transfer_cancelled')) not null default 'pending_registration',
    "registered_at" timestamp(0) without time zone null,
    "expires_at" timestamp(0) without time zone null,
    "auto_renew" boolean not null default '1',
    "created_at" timestamp(0) without time zone null,
    "updated_at" timestamp(0) without time zone null,
    "deleted_at" timestamp(0) without time zone null,
    "last_synced_at" timestamp(0) without time zone null,
    "sync_metadata" json null,
    "auth_code" text null,
    "transfer_initiated_at" timestamp(0) without time zone null,
    "transfer_completed_at" timestamp(0) without time zone null,
    "transfer_status_message" text null,
    "transfer_metadata" json null,
    constraint "{prefix}domains_name_unique" unique ("name"),
    constraint "{prefix}domains_client_id_foreign" foreign key ("client_id") references "{prefix}users" ("id") on delete cascade,
    constraint "{prefix}domains_partner_id_foreign" foreign key ("partner_id") references "{prefix}partners" ("id") on delete cascade,
    constraint "{prefix}domains_registrar_id_foreign" foreign key ("registrar_id") references "{prefix}registrars" ("id") on delete set null
);
create index "{prefix}domains_client_id_status_index" on "{prefix}domains" ("client_id", "status");
create index "{prefix}domains_partner_id_status_index" on "{prefix}domains" ("partner_id", "status");
create index "{prefix}domains_expires_at_status_index" on "{prefix}domains" ("expires_at", "status");
create index "{prefix}domains_status_index" on "{prefix}domains" ("status");

create table "{prefix}domain_nameservers" (
    "id" bigserial not null primary key,
    "domain_id" bigint not null,
    "nameserver" varchar(255) not null,
    "order" smallint not null,
    "created_at" timestamp(0) without time zone null,
    "updated_at" timestamp(0) without time zone null,
    constraint "{prefix}domain_nameservers_domain_id_order_unique" unique ("domain_id", "order"),
    constraint "{prefix}domain_nameservers_domain_id_foreign" foreign key ("domain_id") references "{prefix}domains" ("id") on delete cascade
);

create table "{prefix}domain_contacts" (
    "id" bigserial not null primary key,
    "domain_id" bigint not null,
    "type" varchar(255) check ("type" in ('registrant', 'admin', 'tech', 'billing')) not null,
    "first_name" varchar(255) not null,
    "last_name" varchar(255) not null,
    "email" varchar(255) not null,
    "phone" varchar(255) not null,
    "organization" varchar(255) null,
    "address" varchar(255) not null,
    "city" varchar(255) not null,
    "state" varchar(255) null,
    "postal_code" varchar(255) not null,
    "country" varchar(2) not null,
    "created_at" timestamp(0) without time zone null,
    "updated_at" timestamp(0) without time zone null,
    constraint "{prefix}domain_contacts_domain_id_foreign" foreign key ("domain_id") references "{prefix}domains" ("id") on delete cascade
);
create index "{prefix}domain_contacts_domain_id_type_index" on "{prefix}domain_contacts" ("domain_id", "type");

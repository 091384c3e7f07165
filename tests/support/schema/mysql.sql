-- DomainDesk's tables as Laravel 12's migrations make them on MariaDB. `{prefix}` stands for the connection's table
-- prefix; the names of indexes and foreign keys carry it too (`prefix_indexes`). The order is that of the foreign keys.
-- A foreign key that no index serves gets one of its own name from the server.
-- Of partners and users only what the other tables refer to.

create table `{prefix}partners` (
    `id` bigint unsigned not null auto_increment primary key,
    `name` varchar(255) not null,
    `email` varchar(255) not null,
    `slug` varchar(255) not null,
    `status` varchar(255) not null default 'active',
    `is_active` tinyint(1) not null default '1',
    `created_at` timestamp null,
    `updated_at` timestamp null,
    `deleted_at` timestamp null
) default character set utf8mb4 collate 'utf8mb4_unicode_ci';

create table `{prefix}users` (
    `id` bigint unsigned not null auto_increment primary key,
    `name` varchar(255) not null,
    `email` varchar(255) not null,
    `role` varchar(255) not null default 'client',
    `partner_id` bigint unsigned null,
    `created_at` timestamp null,
    `updated_at` timestamp null,
    `deleted_at` timestamp null,
    constraint `{prefix}users_partner_id_foreign` foreign key (`partner_id`) references `{prefix}partners` (`id`) on delete cascade
) default character set utf8mb4 collate 'utf8mb4_unicode_ci';

create table `{prefix}audit_logs` (
    `id` bigint unsigned not null auto_increment primary key,
    `user_id` bigint unsigned null,
    `partner_id` bigint unsigned null,
    `action` varchar(255) not null,
    `auditable_type` varchar(255) not null,
    `auditable_id` bigint unsigned not null,
    `old_values` json null,
    `new_values` json null,
    `ip_address` varchar(45) null,
    `user_agent` text null,
    `created_at` timestamp null,
    `updated_at` timestamp null,
    key `{prefix}audit_logs_auditable_type_auditable_id_index` (`auditable_type`, `auditable_id`),
    key `{prefix}audit_logs_user_id_created_at_index` (`user_id`, `created_at`),
    key `{prefix}audit_logs_partner_id_created_at_index` (`partner_id`, `created_at`),
    constraint `{prefix}audit_logs_user_id_foreign` foreign key (`user_id`) references `{prefix}users` (`id`) on delete set null,
    constraint `{prefix}audit_logs_partner_id_foreign` foreign key (`partner_id`) references `{prefix}partners` (`id`) on delete set null
) default character set utf8mb4 collate 'utf8mb4_unicode_ci';

create table `{prefix}registrars` (
    `id` bigint unsigned not null auto_increment primary key,
    `name` varchar(255) not null,
    `slug` varchar(255) not null,
    `api_class` varchar(255) null,
    `credentials` json null,
    `is_active` tinyint(1) not null default '1',
    `is_default` tinyint(1) not null default '0',
    `last_sync_at` timestamp null,
    `created_at` timestamp null,
    `updated_at` timestamp null,
    unique `{prefix}registrars_slug_unique` (`slug`)
) default character set utf8mb4 collate 'utf8mb4_unicode_ci';

create table `{prefix}tlds` (
    `id` bigint unsigned not null auto_increment primary key,
    `registrar_id` bigint unsigned not null,
    `extension` varchar(255) not null,
    `min_years` tinyint unsigned not null default '1',
    `max_years` tinyint unsigned not null default '10',
    `supports_dns` tinyint(1) not null default '1',
    `supports_whois_privacy` tinyint(1) not null default '1',
    `is_active` tinyint(1) not null default '1',
    `created_at` timestamp null,
    `updated_at` timestamp null,
    unique `{prefix}tlds_registrar_id_extension_unique` (`registrar_id`, `extension`),
    constraint `{prefix}tlds_registrar_id_foreign` foreign key (`registrar_id`) references `{prefix}registrars` (`id`) on delete cascade
) default character set utf8mb4 collate 'utf8mb4_unicode_ci';

create table `{prefix}tld_prices` (
    `id` bigint unsigned not null auto_increment primary key,
    `tld_id` bigint unsigned not null,
    `action` enum('register', 'renew', 'transfer') not null,
    `years` tinyint unsigned not null,
    `price` decimal(10, 2) not null,
    `effective_date` date not null,
    `created_at` timestamp null,
    `updated_at` timestamp null,
    key `{prefix}tld_prices_tld_id_action_years_effective_date_index` (`tld_id`, `action`, `years`, `effective_date`),
    constraint `{prefix}tld_prices_tld_id_foreign` foreign key (`tld_id`) references `{prefix}tlds` (`id`) on delete cascade
) default character set utf8mb4 collate 'utf8mb4_unicode_ci';

create table `{prefix}domains` (
    `id` bigint unsigned not null auto_increment primary key,
    `name` varchar(255) not null,
    `client_id` bigint unsigned not null,
    `partner_id` bigint unsigned not null,
    `registrar_id` bigint unsigned null,
    `status` enum('pending_registration', 'active', 'expired', 'grace_period', 'redemption', 'suspended', 'transferred_out', 'pending_transfer', 'transfer_in_progress', 'transfer_approved', 'transfer_completed', 'transfer_failed', 'transfer_cancelled') not null default 'pending_registration',
    `registered_at` timestamp null,
    `expires_at` timestamp null,
    `auto_renew` tinyint(1) not null default '1',
    `auth_code` text null,
    `transfer_initiated_at` timestamp null,
    `transfer_completed_at` timestamp null,
    `transfer_status_message` text null,
    `transfer_metadata` json null,
    `last_synced_at` timestamp null,
    `sync_metadata` json null,
    `created_at` timestamp null,
    `updated_at` timestamp null,
    `deleted_at` timestamp null,
    unique `{prefix}domains_name_unique` (`name`),
    key `{prefix}domains_client_id_status_index` (`client_id`, `status`),
    key `{prefix}domains_partner_id_status_index` (`partner_id`, `status`),
    key `{prefix}domains_expires_at_status_index` (`expires_at`, `status`),
    key `{prefix}domains_status_index` (`status`),
    constraint `{prefix}domains_client_id_foreign` foreign key (`client_id`) references `{prefix}users` (`id`) on delete cascade,
    constraint `{prefix}domains_partner_id_foreign` foreign key (`partner_id`) references `{prefix}partners` (`id`) on delete cascade,
    constraint `{prefix}domains_registrar_id_foreign` foreign key (`registrar_id`) references `{prefix}registrars` (`id`) on delete set null
) default character set utf8mb4 collate 'utf8mb4_unicode_ci';

create table `{prefix}domain_nameservers` (
    `id` bigint unsigned not null auto_increment primary key,
    `domain_id` bigint unsigned not null,
    `nameserver` varchar(255) not null,
    `order` tinyint unsigned not null,
    `created_at` timestamp null,
    `updated_at` timestamp null,
    unique `{prefix}domain_nameservers_domain_id_order_unique` (`domain_id`, `order`),
    constraint `{prefix}domain_nameservers_domain_id_foreign` foreign key (`domain_id`) references `{prefix}domains` (`id`) on delete cascade
) default character set utf8mb4 collate 'utf8mb4_unicode_ci';

create table `{prefix}domain_contacts` (
    `id` bigint unsigned not null auto_increment primary key,
    `domain_id` bigint unsigned not null,
    `type` enum('registrant', 'admin', 'tech', 'billing') not null,
    `first_name` varchar(255) not null,
    `last_name` varchar(255) not null,
    `email` varchar(255) not null,
    `phone` varchar(255) not null,
    `organization` varchar(255) null,
    `address` varchar(255) not null,
    `city` varchar(255) not null,
    `state` varchar(255) null,
    `postal_code` varchar(255) not null,
    `country` varchar(2) not null,
    `created_at` timestamp null,
    `updated_at` timestamp null,
    key `{prefix}domain_contacts_domain_id_type_index` (`domain_id`, `type`),
    constraint `{prefix}domain_contacts_domain_id_foreign` foreign key (`domain_id`) references `{prefix}domains` (`id`) on delete cascade
) default character set utf8mb4 collate 'utf8mb4_unicode_ci';

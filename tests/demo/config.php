<?php

// The application's own config files, as `config('database.connections.sqlite')` and so on would give them.

return [
    'database' => [
        'driver' => 'sqlite',
        'url' => null,
        'database' => getenv('DB_DATABASE'),
        'prefix' => '',
        'foreign_key_constraints' => true,
    ],
    'domain' => [
        // The demo's nights are short: a domain is due again at once. An application has 6 here.
        'sync_interval_hours' => 0,
        'price_change_alert_threshold' => 10,
    ],
    'registrar' => [
        'defaults' => ['timeout' => 30, 'retry' => ['max_attempts' => 3, 'delay' => 1000]],
        'registrars' => [
            // No limit: the simulated registrars have none. Without this key the registrar's own limit is kept.
            'resellerclub' => ['api_url' => getenv('RESELLERCLUB_API_URL'), 'rate_limit' => null],
            'godaddy' => ['api_url' => getenv('GODADDY_API_URL'), 'rate_limit' => null],
        ],
    ],
    'app_key' => getenv('APP_KEY'),
    'timezone' => 'UTC',
    'source' => 'scheduled',
];

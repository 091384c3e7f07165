<?php

declare(strict_types=1);

return [
    'sync_interval_hours' => env('DOMAIN_SYNC_INTERVAL_HOURS', 6),
    'sync_batch_size' => env('DOMAIN_SYNC_BATCH_SIZE', 100),
    'priority_sync_days' => env('DOMAIN_PRIORITY_SYNC_DAYS', 30),
    'sync_timeout' => env('DOMAIN_SYNC_TIMEOUT', 120),
    'sync_retries' => env('DOMAIN_SYNC_RETRIES', 3),
    'sync_retry_delay' => env('DOMAIN_SYNC_RETRY_DELAY', 300),
    'price_change_alert_threshold' => env('DOMAIN_PRICE_CHANGE_THRESHOLD', 10),
    'auto_queue_threshold' => env('DOMAIN_AUTO_QUEUE_THRESHOLD', 50),
    // Of no interest to the library.
    'nameservers' => ['ns1.domaindesk.example', 'ns2.domaindesk.example'],
];

<?php

declare(strict_types=1);

/*
 * What config/domain.php and config/registrar.php do not say. Those two are read as they are: intervals, batch sizes and
 * thresholds stand in the one, addresses, rate limits and credentials in the other.
 */
return [

    // The database connection whose tables are synced; null is the default one.
    'connection' => env('REGISTRAR_SYNC_CONNECTION'),

    // The application's own models. Where a class is missing, a plain model of the table stands in.
    'models' => [
        'domain' => 'App\\Models\\Domain',
        'registrar' => 'App\\Models\\Registrar',
        'tld' => 'App\\Models\\Tld',
    ],

    // Makes the registrars that the extension does not know: a class with a method `make` that takes the registrar's model
    // and gives an object with getInfo(string $domain): array. Nothing is made where the class is missing.
    'factory' => 'App\\Services\\Registrar\\RegistrarFactory',

    // Where log lines go: a channel of config/logging.php; null is the default one.
    'log_channel' => env('REGISTRAR_SYNC_LOG_CHANNEL'),

    // The jobs. `retry_after` of the queue connection has to be longer than their 120 seconds.
    'queue' => [
        'connection' => env('REGISTRAR_SYNC_QUEUE_CONNECTION'),
        'name' => env('REGISTRAR_SYNC_QUEUE', 'domain-sync'),
    ],

    // The commands of this package. One that the application has under the same name comes first in any case.
    'commands' => true,

    // A URL, or an array of config/database.php: shares the rate limit of a registrar's account between processes.
    'redis' => null,
];

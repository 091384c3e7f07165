<?php

declare(strict_types=1);

return [
    'default' => 'resellerclub',
    'defaults' => [
        'timeout' => env('REGISTRAR_TIMEOUT', 10),
        'rate_limit' => ['max_attempts' => env('REGISTRAR_RATE_LIMIT_ATTEMPTS', 100000), 'decay_minutes' => 1],
        'retry' => ['max_attempts' => 1, 'delay' => 10],
    ],
    'registrars' => [
        'resellerclub' => ['api_url' => env('RESELLERCLUB_API_URL')],
    ],
];

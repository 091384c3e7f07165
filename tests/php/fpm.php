<?php

// A page that syncs a domain, as an application's own would.

declare(strict_types=1);

use DomainDesk\Sync\RegistrarSync;

$config = json_decode(getenv('DDS_TEST_CONFIG'), true, flags: JSON_THROW_ON_ERROR);
$result = (new RegistrarSync($config))->syncDomain((int) $_GET['id'], force: true);
header('Content-Type: application/json');
echo json_encode(['pid' => getmypid(), 'success' => $result['success'], 'preloaded' => function_exists('preloaded') ? preloaded() : null]);

<?php

declare(strict_types=1);

namespace App\Services;

class RegistrarSyncService extends \DomainDesk\Sync\Laravel\RegistrarSyncService
{
}

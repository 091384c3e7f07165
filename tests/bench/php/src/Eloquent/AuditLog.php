<?php

declare(strict_types=1);

namespace DomainDesk\Bench\Eloquent;

use Illuminate\Database\Eloquent\Model;

final class AuditLog extends Model
{
    protected $table = 'audit_logs';

    protected $guarded = [];

    protected $casts = ['old_values' => 'array', 'new_values' => 'array'];
}

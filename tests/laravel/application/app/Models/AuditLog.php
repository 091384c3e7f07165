<?php

declare(strict_types=1);

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

final class AuditLog extends Model
{
    protected $guarded = [];

    protected $casts = ['old_values' => 'array', 'new_values' => 'array'];
}

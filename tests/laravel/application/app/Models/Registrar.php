<?php

declare(strict_types=1);

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

final class Registrar extends Model
{
    protected $guarded = [];

    protected $hidden = ['credentials'];

    protected $casts = [
        'credentials' => 'encrypted:json',
        'is_active' => 'boolean',
        'is_default' => 'boolean',
        'last_sync_at' => 'datetime',
    ];
}

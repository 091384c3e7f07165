<?php

declare(strict_types=1);

namespace DomainDesk\Bench\Eloquent;

use Illuminate\Database\Eloquent\Model;

final class Registrar extends Model
{
    protected $table = 'registrars';

    protected $guarded = [];

    protected $hidden = ['credentials'];

    protected $casts = [
        'credentials' => 'encrypted:json',
        'is_active' => 'boolean',
        'is_default' => 'boolean',
        'last_sync_at' => 'datetime',
    ];
}

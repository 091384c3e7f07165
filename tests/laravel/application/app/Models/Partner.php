<?php

declare(strict_types=1);

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

final class Partner extends Model
{
    protected $guarded = [];

    protected $casts = ['is_active' => 'boolean'];
}

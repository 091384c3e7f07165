<?php

declare(strict_types=1);

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

final class TldPrice extends Model
{
    protected $guarded = [];

    protected $casts = ['years' => 'integer', 'price' => 'decimal:2', 'effective_date' => 'date'];
}

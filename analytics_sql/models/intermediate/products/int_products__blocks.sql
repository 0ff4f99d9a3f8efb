with

signatures as (

    select * from {{ ref('int_products__signatures') }}

),

-- Phones and computers: whoever differs in a model number or a word like Pro is another product.
device_keys as (

    select
        signature,
        false as is_guest,
        kind || ':' || array_to_string(models, ' ') || '/' || array_to_string(varieties, ' ') || case
            when len(models) = 0 then '/' || coalesce(maker, '')
            else ''
        end as block_key
    from signatures
    where kind <> 'other' and (len(models) > 0 or len(names) > 0)

),

-- Anything else: longest words first, as the rarest. Two titles that share three words of four share two of the first
-- few, so pairs of these few words are enough, cut to what survives a spelling mistake.
ordered as (

    select
        signature,
        models,
        -- Whoever differs in one of these is another product.
        concat_ws('|', varieties, millilitres, grams, packs) as strict_key,
        list_sort(
            list_transform(names, lambda word: struct_pack(length := -least(length(word), 9), word := left(word, 5)))
        ) as words
    from signatures
    where kind = 'other'

),

prefixes as (

    select
        signature,
        models,
        strict_key,
        list_distinct(
            list_transform(
                words[1:greatest(2, 2 + cast(ceil(len(words) * 0.3) as integer))], lambda entry: entry['word']
            )
        ) as words
    from ordered

),

firsts as (

    select
        signature,
        models,
        strict_key,
        words,
        unnest(words) as first_word
    from prefixes

),

seconds as (

    select
        signature,
        models,
        strict_key,
        first_word,
        unnest(words) as second_word
    from firsts

),

word_keys as (

    select distinct
        signature,
        models,
        'words:' || least(first_word, second_word) || '/' || greatest(first_word, second_word) || '|' || strict_key
            as word_key
    from seconds
    where first_word < second_word

    union all

    -- A title of one word only meets others of that one word.
    select
        prefixes.signature,
        prefixes.models,
        'word:' || prefixes.words[1] || '|' || prefixes.strict_key as word_key
    from prefixes
    where len(prefixes.words) = 1

),

final as (

    select
        signature,
        is_guest,
        block_key
    from device_keys

    union all

    -- Offers with model numbers meet where they share one ...
    select
        signature,
        false as is_guest,
        word_key || '#' || unnest(models) as block_key
    from word_keys

    union all

    -- ... and visit those without: guests of a block are not compared with each other.
    select
        signature,
        len(models) > 0 as is_guest,
        word_key || '#' as block_key
    from word_keys

)

select * from final

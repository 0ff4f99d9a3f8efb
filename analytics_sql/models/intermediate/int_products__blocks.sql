with

signatures as (

    select * from {{ ref('int_products__signatures') }}

),

-- Phones and computers: whoever differs in a model number or a word like Pro is another product.
device_keys as (

    select
        signature,
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
        list_sort(list_transform(names, lambda word: {'length': -least(length(word), 9), 'word': left(word, 5)})) as words
    from signatures
    where kind = 'other'

),

prefixes as (

    select
        signature,
        list_distinct(
            list_transform(words[1:greatest(2, 2 + cast(ceil(len(words) * 0.3) as integer))], lambda entry: entry.word)
        ) as words
    from ordered

),

firsts as (

    select
        signature,
        words,
        unnest(words) as first_word
    from prefixes

),

seconds as (

    select
        signature,
        first_word,
        unnest(words) as second_word
    from firsts

),

word_keys as (

    select distinct
        signature,
        'words:' || least(first_word, second_word) || '/' || greatest(first_word, second_word) as block_key
    from seconds
    where first_word < second_word

    union all

    -- A title of one word only meets others of that one word.
    select
        prefixes.signature,
        'word:' || prefixes.words[1] as block_key
    from prefixes
    where len(prefixes.words) = 1

),

final as (

    select * from device_keys
    union all
    select * from word_keys

)

select * from final

<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Карточка &lt;человека&gt; — Bereg</title><link rel="stylesheet" href="/assets/bereg.css?v=12345678"></head><body>
<nav><ul><li><a href="/persons" aria-current="page">Persons</a></li></ul></nav>
<main><h1 id="p" data-name=""> </h1>
<p> ·  ·  · </p>
<p title="" data-born="" data-sex="">
 
</p>
<a href="/persons/?name=&amp;own=0">1</a>
<a href="/">2</a> <a href="/">3</a>
<a href="?page=0">4</a> <a href="#">5</a> <a href="tel:+7">6</a>
<p>own</p>
<i>not m</i>
<p> родился </p>
<p title=" родился ">0 дел</p>
<table><thead><tr><th class="govuk-table__header" scope="col"><a class="b-sort" href="/persons/1?q=%3C&amp;sort=number">Number</a></th><th class="govuk-table__header govuk-table__header--numeric" scope="col"><a class="b-sort" href="/persons/1?q=%3C&amp;sort=due">"Срок"\</a></th><th scope="col">State</th></tr></thead><tbody><tr><td colspan="3">No cases yet</td></tr></tbody></table>
<div class="b-export">Save the list: <a class="govuk-link" href="/persons/1?q=%3C&amp;format=xlsx">XLSX</a> <a class="govuk-link" href="/persons/1?q=%3C&amp;format=csv">CSV</a></div>
<select name="body"></select>
<textarea name="t"></textarea>
<pre>a
   b</pre>
<p>You may not</p>

<svg viewBox="0 0 1 1"><text x="0"></text><path d="M0 0"/></svg>

</main>
<p>К. &lt;М&gt;, Clerk &amp; &lt;co&gt;</p>
</body></html>

{#- The submissions of a lesson: those that wait for a person, until somebody asks for all. -#}
{%- extends 'templates/gradebook_notebook_submissions.tpl' -%}

{%- block head -%}
{{ super() }}
<script>
var only_waiting = true;
$.fn.dataTable.ext.search.push(function (settings, texts, row) {
  var cell = $(settings.aoData[row].nTr).find(".needs-manual-grade");
  return !only_waiting || cell.attr("data-order") === "1";
});
$.extend(true, $.fn.dataTable.defaults, { language: { zeroRecords: "Nothing here waits for a person." } });

function toggleWaiting() {
  only_waiting = !only_waiting;
  $("#toggle_waiting").text(only_waiting ? "Show all submissions" : "Show only what waits for a person");
  $("#main-table").parent().DataTable().draw();
}
</script>
{%- endblock head -%}

{%- block messages -%}
{%- if anonymous -%}
<style>#main-table .reveal { visibility: hidden; }</style>
<span id="toggle_names">Names are hidden, as course.toml says.</span>
{%- else -%}
{{ super() }}
{%- endif -%}
<button id="toggle_waiting" style="margin-left: 0.4rem" onclick="toggleWaiting()">Show all submissions</button>
{%- endblock -%}

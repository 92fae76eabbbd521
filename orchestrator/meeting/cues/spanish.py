"""Spanish words by which the type of a meeting is known; what a row means stands in `row.py`. Pure data."""

from typing import Final

from orchestrator.meeting.context import MeetingType
from orchestrator.meeting.cues.row import Cues

SPANISH: Final[dict[MeetingType, Cues]] = {
    "interview": Cues(
        strong=(
            "háblame de ti, háblenos de usted, cuéntame de ti, cuéntanos de ti, tu currículum, su currículum, este "
            "puesto, por qué quieres trabajar, pretensiones salariales, nuestro invitado, nuestra invitada, gracias "
            "por la entrevista, tu último trabajo, su último trabajo, gracias por invitarme"
        ),
        plain=(
            "entrevista, candidato, candidata, candidatos, el puesto, tu experiencia, su experiencia, tu carrera, "
            "estudié, me gradué, trabajé en, contratación"
        ),
    ),
    "sales": Cues(
        strong=(
            "prueba gratuita, precio por usuario, por usuario, lista de precios, orden de compra, retorno de la "
            "inversión, su proveedor actual, enviar una propuesta, enviarle una propuesta, mandar un presupuesto, "
            "firmar el contrato, toma la decisión, caso de éxito"
        ),
        plain=(
            "propuesta, contrato, contratos, descuento, descuentos, suscripción, licencia, licencias, renovación, "
            "proveedor, proveedores, competidores, una demostración, un piloto, tarifa, tarifas, cotización, "
            "comercial, compra"
        ),
    ),
    "executive": Cues(
        strong=(
            "consejo de administración, junta directiva, accionistas, margen bruto, margen operativo, año fiscal, "
            "flujo de caja, interanual, cuota de mercado, comité de dirección, comité ejecutivo, equipo directivo"
        ),
        plain=(
            "ingresos, beneficio, beneficios, margen, trimestre, trimestral, previsión, previsiones, inversores, "
            "adquisición, facturación, plantilla, rentabilidad, estrategia, estratégico, dividendo, crecimiento"
        ),
    ),
    "standup": Cues(
        strong=(
            "ayer estuve, ayer terminé, ayer trabajé, hoy voy a, hoy sigo, estoy bloqueado, estoy bloqueada, sin "
            "bloqueos, algún bloqueo, sin impedimentos, por mi parte nada más, eso es todo por mi parte, quién sigue, "
            "te toca"
        ),
        plain=(
            "ayer, hoy, bloqueado, bloqueo, bloqueos, impedimento, impedimentos, en revisión, terminé, sigo con, "
            "tarea, tareas"
        ),
    ),
    "planning": Cues(
        strong=(
            "hoja de ruta, próximo sprint, puntos de historia, historias de usuario, criterios de aceptación, fecha de "
            "entrega, fecha de lanzamiento, plan de proyecto, camino crítico"
        ),
        plain=(
            "estimación, estimaciones, estimar, plazo, plazos, hito, hitos, prioridad, prioridades, priorizar, "
            "alcance, entregable, entregables, dependencias, cronograma, calendario, capacidad, planificar, "
            "planificación, fase"
        ),
    ),
    "retrospective": Cues(
        strong=(
            "salió bien, salió mal, salieron bien, no salió, ha ido bien, ha ido mal, fue bien, qué mejorar, podemos "
            "mejorar, retrospectiva, lecciones aprendidas, dejar de hacer, empezar a hacer, seguir haciendo, último "
            "sprint"
        ),
        plain="mejorar, mejora, mejoras, frustrante, aprendimos, la próxima vez, aprendizaje",
    ),
    "design": Cues(
        strong=(
            "experiencia de usuario, interfaz de usuario, fácil de usar, maqueta, maquetas, prototipo, prototipos, "
            "bocetos, prueba de usabilidad, usabilidad"
        ),
        plain=(
            "diseño, diseños, diseñador, diseñadora, interfaz, botón, botones, pantalla, pantallas, icono, iconos, "
            "colores, forma, tipografía, usuario, usuarios, boceto, menú"
        ),
    ),
    "support": Cues(
        strong=(
            "en qué puedo ayudarle, en qué le puedo ayudar, gracias por llamar, número de cuenta, número de cliente, "
            "mensaje de error, caída del servicio, reproducir el error, causa raíz, mesa de ayuda, servicio técnico"
        ),
        plain=(
            "incidencia, incidencias, cliente, clientes, no funciona, dejó de funcionar, reiniciar, error, errores, "
            "fallo, fallos, avería, contraseña, resolver, resuelto, solución, reclamación, reembolso"
        ),
    ),
    "committee": Cues(
        strong=(
            "señoría, señorías, señor presidente, señora presidenta, señor ministro, señora ministra, grupo "
            "parlamentario, grupos parlamentarios, proposición de ley, proyecto de ley, orden del día, turno de "
            "palabra, tiene la palabra, votos a favor, se aprueba el acta, moción, mociones, enmienda, enmiendas, se "
            "levanta la sesión, abstenciones, cámara"
        ),
        plain=(
            "diputado, diputada, diputados, ministro, ministra, gobierno, congreso, senado, comisión, votación, pleno, "
            "concejal, concejala, ayuntamiento, portavoz, decreto, ley, comparecencia, parlamento, presidente, "
            "presidenta"
        ),
    ),
    "lecture": Cues(
        strong=(
            "en esta clase, la clase de hoy, la clase pasada, próxima clase, examen final, en esta diapositiva, "
            "siguiente diapositiva, teorema, este curso, en esta charla, definimos"
        ),
        plain=(
            "clase, diapositiva, diapositivas, alumnos, estudiantes, profesor, profesora, examen, capítulo, ecuación, "
            "definición, concepto, por ejemplo, es decir"
        ),
    ),
    "one-to-one": Cues(
        strong=(
            "cómo te sientes, cómo te encuentras, tu carga de trabajo, tu desarrollo, tus objetivos, tu carrera, mi "
            "carrera, evaluación de desempeño, en qué te puedo ayudar, aumento de sueldo, mi jefe, ascenso, "
            "conciliación"
        ),
        plain=(
            "vacaciones, estrés, agobiado, agobiada, motivado, motivada, objetivos, cómoda, cómodo, fin de semana, "
            "familia"
        ),
    ),
}

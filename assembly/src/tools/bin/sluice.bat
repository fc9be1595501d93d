@echo off
rem Runs the command line: sluice COMMAND; see --help.
rem JAVA_HOME names the Java to use; SLUICE_TOOLS_OPTS is given to it.
setlocal
for %%I in ("%~dp0..") do set "SLUICE_TOOLS_HOME=%%~fI"
set "SLUICE_JAVA=java"
if not "%JAVA_HOME%"=="" set "SLUICE_JAVA=%JAVA_HOME%\bin\java"
set "SLUICE_JVM=-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
rem Load is made by code that is worth compiling well.
if "%~1"=="bench" set "SLUICE_JVM=-Xmx1g -XX:+UseParallelGC"
"%SLUICE_JAVA%" %SLUICE_JVM% -Xshare:auto -Xlog:disable %SLUICE_TOOLS_OPTS% -cp "%SLUICE_TOOLS_HOME%\lib\*" io.sluice.tools.cli.Sluice %*
exit /b %ERRORLEVEL%
